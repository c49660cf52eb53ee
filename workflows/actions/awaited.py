"""What an unfinished instance waits for: at which step, since when, for whose answer, and until when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone

from workflows.actions.asked import Asked, asked
from workflows.engine.compiling import compiled
from workflows.engine.contracts import WaitingStepType
from workflows.engine.watching import wait_until
from workflows.engine.writing import is_told
from workflows.models import Instance
from workflows.vocabulary.statuses import FINISHED, InstanceStatus

LONGEST_WAIT = 30  # seconds that a caller may hold a request open for a change
SOON, LATER, LATEST = 2, 30, 300  # seconds: while it runs, while people are awaited, and at most


@dataclass(frozen=True, slots=True)
class Awaited:
    """`roles` are names of roles of which members may answer; `deadline` is when the wait ends by itself."""

    step_name: str
    step_display_name: str
    since: datetime
    deadline: datetime | None
    roles: list[str]


def awaited(instance: Instance, known: Asked | None = None) -> Awaited | None:
    """None when it has finished; `known` is what it asks, where that has been read."""
    if instance.status in FINISHED:
        return None
    found = known or asked(instance)
    return Awaited(
        step_name=instance.step_name,
        step_display_name=instance.step_display_name,
        since=found.since,
        deadline=_deadline(instance, found.since) if found.roles else _due(instance, found),
        roles=list(found.roles),
    )


def retry_after(instance: Instance, known: Asked | None = None) -> int | None:
    """In how many seconds it is worth looking again; None when it has finished."""
    if instance.status in FINISHED:
        return None
    usual = LATER if instance.status == InstanceStatus.Suspended else SOON
    due = _due(instance, known)
    if due is None:
        return usual
    left = int((due - timezone.now()).total_seconds()) + 1
    return max(SOON, min(left, LATEST if usual == SOON else LATER))


def wait_for_change(instance: Instance, seconds: float) -> None:
    """Wait until its status is another one or it is gone, at most `seconds` and `LONGEST_WAIT`.

    Who finds no place among those that wait does not wait at all (`engine.watching`).
    """
    same = Instance.objects.filter(pk=instance.pk, status=instance.status)
    if instance.status not in FINISHED:
        told = is_told(instance.queue, instance.status)
        wait_until(instance.pk, lambda: not same.exists(), min(seconds, LONGEST_WAIT), told=told)


def _due(instance: Instance, known: Asked | None) -> datetime | None:
    """When a worker looks at it by itself, if that is ahead; the lease of a call is no such time."""
    due = instance.ready_at
    if due is None or due <= timezone.now():
        return None
    return None if (known or asked(instance)).is_at_work else due


def _deadline(instance: Instance, since: datetime) -> datetime | None:
    try:
        step = compiled(instance.version_id).steps.get(instance.step_name)
    except LookupError:  # a step type that is not installed any more
        return None
    if step is None or not isinstance(step.type, WaitingStepType):
        return None
    return step.type.ends_at(step.fixed, since)
