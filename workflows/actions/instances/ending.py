"""Stopping an instance, and deleting one that has finished (D5, D6)."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from workflows.access import policies
from workflows.access.actors import Actor
from workflows.actions.instances import rows
from workflows.actions.instances.rules import check_deletable, check_stoppable
from workflows.engine import awaiting, chains, changes, stopping, wishes
from workflows.errors import NotFound, WrongState
from workflows.models import Instance, StepRun
from workflows.models.instances import InstanceName
from workflows.vocabulary.auditing import Operation
from workflows.vocabulary.permissions import Permission
from workflows.vocabulary.statuses import FINISHED, InstanceStatus


def stop(name: InstanceName, *, actor: Actor) -> None:
    """Stop a running or suspended instance; it ends Rejected (D5). Raises WrongState when it has finished.

    The one that it waits for is stopped, too; the wish to do so is stored with the stop.

    The audit entry is written with the stop, by whoever carries it out.
    """
    policies.require(actor, Permission.WORKFLOW_INSTANCES_MANAGE)
    instance = rows.get(name)
    check_stoppable(instance)
    awaited = awaiting.awaited_by(instance.pk)
    wishes.wish(instance.pk, actor=actor, now=timezone.now())
    stopping.stop_now(instance.pk)
    if awaited is not None:
        stopping.stop_now(awaited)
    _check_stopped(instance)


def delete(name: InstanceName, *, actor: Actor) -> None:
    """Remove a finished instance and its history; requests and certificates stay. Raises WrongState (D6)."""
    policies.require(actor, Permission.WORKFLOW_INSTANCES_MANAGE)
    with transaction.atomic():
        _state, instance = rows.locked(name)
        check_deletable(instance)
        _check_nobody_waits(instance)
        before = rows.snapshot(instance)
        StepRun.objects.filter(instance=instance).delete()
        chains.bridge([instance.pk])
        rows.record(Operation.Deleted, instance, actor, before=before)
        changes.announce([instance.pk])
        instance.delete()


def _check_nobody_waits(instance: Instance) -> None:
    """Who waited must not wait for ever; within a second a tick tells him of the end."""
    if awaiting.is_awaited(instance.pk):
        raise WrongState("A workflow that waited for its end has not been told of it yet; try again.")


def _check_stopped(instance: Instance) -> None:
    row = Instance.objects.filter(pk=instance.pk).values_list("status", "was_stopped").first()
    if row is None:
        raise NotFound(f"The workflow instance {instance.guid} has been deleted.")
    status, was_stopped = row
    if status in FINISHED and not was_stopped:
        raise WrongState(f"The instance became {InstanceStatus(status).name} before it could be stopped.")
