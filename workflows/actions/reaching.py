"""Which instances a person reaches through an approval: what he may see, and what asks or asked him (D19)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from django.db.models import Q

from workflows.access import policies
from workflows.access.actors import Actor
from workflows.engine.compiling import CompiledStep, compiled
from workflows.models import Instance, PendingSignal, StepRun
from workflows.vocabulary.permissions import Permission
from workflows.vocabulary.statuses import StepRunStatus


def reachable_among(rows: Iterable[Instance], actor: Actor) -> list[Instance]:
    """Those of a few instances that the actor reaches, in their order; a query or two for each rule."""
    found = list(rows)
    reached: set[int] = set()
    for rule in (_asking, _having_asked, _readable):
        if rest := [each for each in found if each.pk not in reached]:
            reached.update(rule(rest, actor))
    return [each for each in found if each.pk in reached]


def _asking(found: Sequence[Instance], actor: Actor) -> Iterable[int]:
    asked = PendingSignal.objects.filter(instance__in=found, role__in=actor.role_ids)
    return asked.values_list("instance_id", flat=True)


def _having_asked(found: Sequence[Instance], actor: Actor) -> Iterable[int]:
    """Who comes late learns who decided, and gets no 404.

    Lines of history from before they told whom they asked stand for what the definition names.
    """
    asking = {each.pk: _steps_that_ask(each.version_id, actor.role_ids) for each in found}
    named = Q(role_ids__isnull=True, step_name__in=set().union(*asking.values()))
    named &= ~Q(status=StepRunStatus.Skipped)
    runs = StepRun.objects.filter(Q(role_ids__overlap=list(actor.role_ids)) | named, instance__in=found)
    rows = runs.values_list("instance_id", "step_name", "role_ids")
    return {id_ for id_, step_name, role_ids in rows if role_ids or step_name in asking[id_]}


def _steps_that_ask(version_id: int, role_ids: frozenset[int]) -> set[str]:
    return {step.unique_name for step in compiled(version_id).steps.values() if _asks(step, role_ids)}


def _asks(step: CompiledStep, role_ids: frozenset[int]) -> bool:
    return any(role_ids.intersection(signal.role_ids) for signal in step.signals)


def _readable(found: Sequence[Instance], actor: Actor) -> Iterable[int]:
    if not any(actor.may(permission) for permission in policies.INSTANCE_READS):
        return []
    rows = policies.restrict(Instance.objects.all(), actor, Permission.WORKFLOW_INSTANCES_READ)
    return rows.filter(pk__in=[each.pk for each in found]).values_list("pk", flat=True)
