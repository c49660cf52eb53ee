"""What waits for a person, in rows of components/assigned_queue.html."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Count

from portal.presenters.key_facts import facts_line
from portal.presenters.signatures import needed_at
from portal.presenters.steps import steps_of, workflow_type_label
from workflows.models import Instance, SignalDecision, StepRun


@dataclass(frozen=True)
class Waiting:
    guid: UUID
    reference_id: int
    title: str
    facts_line: str
    definition: str
    version: int
    type_label: str
    requester: str
    started: datetime
    waiting_since: datetime
    step: str
    given: int
    needed: int


def waiting_rows(instances: Sequence[Instance]) -> list[Waiting]:
    """One row an instance; two queries for all of them."""
    runs = [each.run_id for each in instances if each.run_id is not None]
    since = dict(StepRun.objects.filter(pk__in=runs).values_list("pk", "started_at"))
    given = _given(instances)
    return [
        Waiting(
            guid=each.guid,
            reference_id=each.pk,
            title=each.record.title,
            facts_line=facts_line(each.data),
            definition=each.version.display_name,
            version=each.version.number,
            type_label=workflow_type_label(each.record.workflow_type),
            requester=each.record.initiating_user_name,
            started=each.started_at,
            waiting_since=since.get(each.run_id or 0, each.modified_at),
            step=each.step_display_name,
            given=given.get((each.pk, each.step_name), 0),
            needed=needed_at(steps_of(each.version).get(each.step_name)),
        )
        for each in instances
    ]


def _given(instances: Sequence[Instance]) -> dict[tuple[int, str], int]:
    rows = SignalDecision.objects.filter(instance__in=[each.pk for each in instances], approved=True)
    counted = rows.values_list("instance_id", "step_name").annotate(number=Count("pk"))
    return {(instance_id, step_name): number for instance_id, step_name, number in counted}
