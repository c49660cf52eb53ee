"""Steps that wait for approvals, answers to them, and time that passes."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db.models import F
from django.utils import timezone

from tests import builders
from tests.steps.running import NAME
from workflows.actions import approvals
from workflows.models import (
    Instance,
    Notification,
    Role,
    StepRun,
    User,
)
from workflows.vocabulary.statuses import InstanceStatus


def waiting(role: Role, *, initiator: User | None = None, **parameters: Any) -> Instance:
    instance = builders.run(
        builders.publish(builders.chain(builders.approval(NAME, roles=[role], **parameters))),
        {"cn": "a&b", "who": "who@keyexample.com"},
        initiator_id=initiator and initiator.pk,
    )
    assert instance.status == InstanceStatus.Suspended, instance.status_message
    return instance


def after(instance: Instance, hours: float) -> Instance:
    """The instance, as if its wait had begun so many hours ago; a worker has looked if that is due."""
    begun = timezone.now() - timedelta(hours=hours)
    run = StepRun.objects.get(instance=instance, step_name=NAME)
    earlier = run.started_at - begun
    StepRun.objects.filter(pk=run.pk).update(started_at=begun)
    Instance.objects.filter(pk=instance.pk).update(ready_at=F("ready_at") - earlier)
    builders.run_until_quiet()
    return builders.reload(instance)


def mails() -> list[tuple[str, str]]:
    return [(each.subject, each.recipients[0]) for each in Notification.objects.order_by("id")]


def answer(
    instance: Instance, name: str, *, approved: bool = True, comment: str = "", step: str = NAME
) -> Instance:
    actor = builders.actor(User.objects.get(username=name))
    given = {"Approved": approved, "Comment": comment}
    approvals.signal(instance.guid, f"{step}.ApprovalStatus", given, actor=actor)
    builders.run_until_quiet()
    return builders.reload(instance)
