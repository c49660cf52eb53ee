"""What restarting several changes: those that go from one version to the same other one, together."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db.models import Count

from portal.presenters.instances import SHOWN, Row, row
from portal.presenters.restarts import Restart, restart_of
from workflows.access.actors import Actor
from workflows.actions import instances
from workflows.actions.restart_differences import data_changes, step_changes
from workflows.models import DefinitionVersion, Instance, SignalDecision

COMPARED = (*SHOWN, "version__definition__published")
UNCOMPARED = ("version__steps", "version__definition__published__steps")  # read once for each version
"""How `restart_groups` wants the instances to be read."""


@dataclass(frozen=True)
class RestartGroup:
    """`lost` are the names of what any of them has gathered and the new ones begin without."""

    definition: str
    before: int
    restart: Restart
    rows: Sequence[Row]
    lost: Sequence[str]


def restart_groups(found: Sequence[Instance], actor: Actor) -> list[RestartGroup]:
    """Of instances that may be restarted, in the order given; the number of queries depends on the versions
    alone."""
    together: dict[tuple[int, int], list[Instance]] = defaultdict(list)
    for each in found:
        together[each.version_id, instances.restart_versions(each, {})[0].pk].append(each)
    versions = DefinitionVersion.objects.in_bulk({pk for pair in together for pk in pair})
    given = _given(found)
    return [
        _group(versions[before], versions[after], some, given, actor)
        for (before, after), some in together.items()
    ]


def _group(
    before: DefinitionVersion,
    after: DefinitionVersion,
    some: Sequence[Instance],
    given: Mapping[int, int],
    actor: Actor,
) -> RestartGroup:
    count = sum(given.get(each.pk, 0) for each in some)
    lost = {change.field for each in some for change in data_changes(each.data, each.record.initial_data)}
    return RestartGroup(
        definition=before.display_name,
        before=before.number,
        restart=restart_of(before, after, step_changes(before, after, actor=actor), given=count),
        rows=[row(each, actor, successors={}) for each in some],
        lost=sorted(lost),
    )


def _given(found: Sequence[Instance]) -> dict[int, int]:
    """How many approvals each has."""
    rows = SignalDecision.objects.filter(instance__in=[each.pk for each in found], approved=True)
    return dict(rows.values_list("instance_id").annotate(number=Count("pk")))
