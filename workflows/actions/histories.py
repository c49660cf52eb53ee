"""Everything that happened to an instance, for whoever may see it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from workflows.access.actors import Actor
from workflows.actions import instances, restarters
from workflows.models import Instance, Notification, SignalDecision, StepRun
from workflows.models.instances import InstanceName


@dataclass(frozen=True, slots=True)
class History:
    """Attempts at steps, decisions and mails in their order; what it was restarted from, by whom, as what."""

    instance: Instance
    steps: Sequence[StepRun]
    decisions: Sequence[SignalDecision]
    mails: Sequence[Notification]
    restarted_from: Instance | None
    restarted_by: str | None
    restarted_as: Sequence[Instance]


def history(name: InstanceName, *, actor: Actor) -> History:
    """Raises PermissionMissing or NotFound, as looking at the instance does (D19)."""
    instance = instances.visible(name, actor=actor)
    record = instance.record
    return History(
        instance=instance,
        steps=list(instance.step_runs.order_by("pk")),
        decisions=list(instance.decisions.order_by("pk")),
        mails=list(Notification.objects.filter(instance=instance).defer("html").order_by("pk")),
        restarted_from=record.restarted_from,
        restarted_by=restarters.restarted_by(instance),
        restarted_as=list(Instance.objects.filter(record__restarted_from=instance).order_by("pk")),
    )
