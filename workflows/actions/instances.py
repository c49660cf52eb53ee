"""What people do with instances: look, stop, restart, delete (D3 to D6, D15)."""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from workflows import audit
from workflows.access import policies
from workflows.access.actors import Actor
from workflows.actions import enrollment
from workflows.actions.restart_differences import RestartDifference, restart_difference
from workflows.engine import changes, claiming, starting, stopping, wishes, writing
from workflows.engine.outcomes import cancel
from workflows.engine.starting import Seed
from workflows.engine.states import State
from workflows.errors import InvalidInput, NotFound, WrongState
from workflows.models import DefinitionVersion, Instance, StepRun
from workflows.models.instances import InstanceName, instance_named
from workflows.vocabulary.auditing import Category, Operation
from workflows.vocabulary.permissions import Permission
from workflows.vocabulary.statuses import FINISHED, InstanceStatus

RUNNING = (InstanceStatus.Running, InstanceStatus.Suspended)
_GUID = re.compile(r"\{?[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}\}?", re.IGNORECASE)
_REFERENCE_ID = re.compile(r"[0-9]{1,18}", re.ASCII)  # fits into a bigint


def parse_name(text: str) -> InstanceName:
    """The GUID or the ReferenceId that `text` is. Raises InvalidInput for anything else."""
    if _REFERENCE_ID.fullmatch(text):
        return int(text)
    if _GUID.fullmatch(text):
        return uuid.UUID(text)
    raise InvalidInput(
        f"'{text[:60]}' is neither a GUID nor a whole number of at most 18 digits. "
        "Use the instance's Id, or its ReferenceId; GET /Workflow/Instances lists both."
    )


def visible(name: InstanceName, *, actor: Actor) -> Instance:
    """The instance, if the actor may see it; raises PermissionMissing or NotFound (D19)."""
    rows = policies.restrict(Instance.objects.all(), actor, Permission.WORKFLOW_INSTANCES_READ)
    related = rows.select_related("record", "version__definition")
    return _found(related.filter(instance_named(name)).first(), name)


def listed(status: InstanceStatus | None, *, actor: Actor) -> QuerySet[Instance]:
    """The instances the actor may see, of one status or all, the newest first and without their data."""
    rows = policies.restrict(Instance.objects.order_by("-pk"), actor, Permission.WORKFLOW_INSTANCES_READ)
    found = rows if status is None else rows.filter(status=status)
    return found.select_related("record").defer("data", "record__initial_data")


@dataclass(frozen=True, slots=True)
class Abilities:
    """What an actor may do with an instance as it stands."""

    stop: bool
    restart: bool
    delete: bool


def abilities(instance: Instance, *, actor: Actor) -> Abilities:
    """For menus; the actions themselves check again, under the lock."""
    status = InstanceStatus(instance.status)
    manages = actor.may(Permission.WORKFLOW_INSTANCES_MANAGE)
    reads = actor.may(Permission.WORKFLOW_INSTANCES_READ)
    return Abilities(
        stop=manages and status in RUNNING,
        restart=manages and reads and _is_restartable(status, instance),
        delete=manages and status in FINISHED,
    )


def stop(name: InstanceName, *, actor: Actor) -> None:
    """Stop a running or suspended instance; it ends Rejected (D5). Raises WrongState when it has finished.

    The audit entry is written with the stop, by whoever carries it out.
    """
    policies.require(actor, Permission.WORKFLOW_INSTANCES_MANAGE)
    instance = _get(name)
    check_stoppable(instance)
    wishes.wish(instance.pk, actor=actor, now=timezone.now())
    stopping.stop_now(instance.pk)
    _check_stopped(instance)


def _check_stopped(instance: Instance) -> None:
    row = Instance.objects.filter(pk=instance.pk).values_list("status", "was_stopped").first()
    if row is None:
        raise NotFound(f"The workflow instance {instance.guid} has been deleted.")
    status, was_stopped = row
    if status in FINISHED and not was_stopped:
        raise WrongState(f"The instance became {InstanceStatus(status).name} before it could be stopped.")


def restart(name: InstanceName, *, actor: Actor, version: int | None = None) -> Instance:
    """Start anew from the initial data, as a new instance of the same request (D4, D15).

    `version` names another published version than the current one; suspended instances take only the current.
    """
    policies.require(actor, Permission.WORKFLOW_INSTANCES_MANAGE)
    policies.require(actor, Permission.WORKFLOW_INSTANCES_READ)
    now = timezone.now()
    with transaction.atomic():
        state, old = _locked(name)
        chosen = restart_version(old, version)
        difference = restart_difference(old, chosen, actor=actor)
        if state.status is InstanceStatus.Suspended:
            _cancel(state, now)
        started = starting.start(chosen, _seed(old, actor), now=now)
        new = Instance.objects.select_related("record", "version__definition").get(pk=started.id)
        _audit_restart(old, new, actor, difference)
    return new


def restart_versions(instance: Instance) -> list[DefinitionVersion]:
    """The versions it can restart on, the default first (D15). Raises WrongState when there is none."""
    check_restartable(instance)
    published = instance.version.definition.published
    if published is None or instance.version == published:
        return [instance.version]
    return [published] if instance.status == InstanceStatus.Suspended else [published, instance.version]


def restart_version(instance: Instance, number: int | None) -> DefinitionVersion:
    """The version that a restart on `number`, or on the default, begins with (D15).

    Raises WrongState when there is none, InvalidInput for one that is not offered.
    """
    allowed = restart_versions(instance)
    chosen = next((version for version in allowed if number in (None, version.number)), None)
    if chosen is not None:
        return chosen
    published = allowed[0].number
    if instance.status == InstanceStatus.Suspended:
        raise InvalidInput(f"A suspended instance restarts on the published version {published} only.")
    raise InvalidInput(
        f"version must be the published {published} or the original {instance.version.number}, not {number}."
    )


def delete(name: InstanceName, *, actor: Actor) -> None:
    """Remove a finished instance and its history; requests and certificates stay. Raises WrongState (D6)."""
    policies.require(actor, Permission.WORKFLOW_INSTANCES_MANAGE)
    with transaction.atomic():
        _state, instance = _locked(name)
        check_deletable(instance)
        before = snapshot(instance)
        StepRun.objects.filter(instance=instance).delete()
        _audit(Operation.Deleted, instance, actor, before=before)
        changes.announce([instance.pk])
        instance.delete()


def check_stoppable(instance: Instance) -> None:
    """Raises WrongState when it has finished (D5)."""
    if instance.status not in RUNNING:
        status = InstanceStatus(instance.status).name
        raise WrongState(f"The instance is {status}; only running and suspended ones can be stopped.")


def check_deletable(instance: Instance) -> None:
    """Raises WrongState while it has not finished (D6)."""
    if instance.status not in FINISHED:
        status = InstanceStatus(instance.status).name
        raise WrongState(f"The instance is {status}; stop it first, then delete it.")


def check_restartable(instance: Instance) -> None:
    """Raises WrongState when it ended well, was denied, or has nothing to restart on (D4)."""
    _check_restart_status(InstanceStatus(instance.status), instance)
    definition = instance.version.definition
    if definition.deleted_at is not None or definition.published_id is None:
        raise WrongState("Its definition was deleted or never published; make the request anew.")


def snapshot(instance: Instance) -> dict[str, Any]:
    """What audit entries say of an instance."""
    return {
        "Id": str(instance.guid),
        "ReferenceId": instance.pk,
        "Title": instance.record.title,
        "Status": InstanceStatus(instance.status).name,
        "StatusMessage": instance.status_message,
        "Definition": instance.version.display_name,
        "Version": instance.version.number,
        "InitiatingUserName": instance.record.initiating_user_name,
        "CurrentStep": instance.step_name,
        "Data": instance.data,
    }


def _get(name: InstanceName) -> Instance:
    rows = Instance.objects.select_related("record", "version__definition")
    return _found(rows.filter(instance_named(name)).first(), name)


def _found(instance: Instance | None, name: InstanceName) -> Instance:
    if instance is None:
        raise NotFound(f"There is no workflow instance with id {name}, or it is not among those you may see.")
    return instance


def _locked(name: InstanceName) -> tuple[State, Instance]:
    """The instance under its row lock, and as it is now that nobody else holds it."""
    instance = _get(name)
    states = claiming.lock([instance.pk])
    if not states:
        raise NotFound(f"The workflow instance {name} has been deleted.")
    return states[0], _get(name)


def _is_restartable(status: InstanceStatus, instance: Instance) -> bool:
    stopped = status is InstanceStatus.Rejected and instance.was_stopped
    return status in (InstanceStatus.Failed, InstanceStatus.Suspended) or stopped


def _check_restart_status(status: InstanceStatus, instance: Instance) -> None:
    if _is_restartable(status, instance):
        return
    if status is InstanceStatus.Rejected:
        raise WrongState("The request was denied; it can only be made anew, not restarted.")
    raise WrongState(f"The instance is {status.name}; only failed, suspended and stopped ones restart.")


def _cancel(state: State, now: datetime) -> None:
    cancel(state)
    writing.write([state], now)


def _seed(old: Instance, actor: Actor) -> Seed:
    record = old.record
    return Seed(
        title=record.title,
        initiating_user_name=record.initiating_user_name,
        initiator_id=old.initiator_id,
        data=record.initial_data,
        key=record.key,
        request_id=old.request_id,
        certificate_id=old.certificate_id,
        restarted_from_id=old.pk,
        restarted_by_id=actor.user_id,
        failure=_failure(old, record.initial_data),
    )


def _failure(old: Instance, data: Mapping[str, Any]) -> str:
    return enrollment.pre_process_failure(old.request, data) if old.request is not None else ""


def _audit_restart(old: Instance, new: Instance, actor: Actor, difference: RestartDifference) -> None:
    """Both people and both instances are named, and the entry is found from either (D4)."""
    old.refresh_from_db()
    origin = {"RestartedFrom": str(old.guid), "Difference": difference.document()}
    before, after = snapshot(old), {**snapshot(new), **origin}
    _audit(Operation.Restarted, new, actor, before=before, after=after)
    _audit(Operation.Restarted, old, actor, after={"RestartedAs": str(new.guid), "RestartedBy": actor.name})


def _audit(operation: Operation, instance: Instance, actor: Actor, **states: Any) -> None:
    audit.record(
        operation,
        Category.WorkflowInstance,
        actor=actor,
        name=instance.record.title,
        identifier=instance.guid,
        **states,
    )
