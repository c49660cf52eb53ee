"""Beginning an instance anew, as another one of the same request (D4, D15)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from workflows.access import policies
from workflows.access.actors import Actor
from workflows.actions import enrollment
from workflows.actions.instances import rows
from workflows.actions.instances.rules import restart_version
from workflows.actions.restart_differences import RestartDifference, whole_difference
from workflows.engine import awaiting, changes, starting, writing
from workflows.engine.outcomes import cancel
from workflows.engine.starting import Seed
from workflows.engine.states import State
from workflows.models import Instance
from workflows.models.instances import InstanceName
from workflows.vocabulary import messages
from workflows.vocabulary.auditing import Operation
from workflows.vocabulary.permissions import Permission
from workflows.vocabulary.statuses import InstanceStatus


def restart(name: InstanceName, *, actor: Actor, version: int | None = None) -> Instance:
    """Start anew from the initial data, as a new instance of the same request (D4, D15).

    `version` names another published version than the current one; suspended instances take only the current.
    """
    policies.require(actor, Permission.WORKFLOW_INSTANCES_MANAGE)
    policies.require(actor, Permission.WORKFLOW_INSTANCES_READ)
    now = timezone.now()
    with transaction.atomic():
        state, old = rows.locked(name)
        chosen = restart_version(old, version)
        difference = whole_difference(old, chosen)
        started = starting.start(chosen, _seed(old, actor), now=now)
        if state.status is InstanceStatus.Suspended:
            awaiting.pass_on(old.pk, started.id, now)
            _cancel(state, messages.restarted_by(actor.name, started.id), now)
        else:
            _touch(old, now)
        new = Instance.objects.select_related("record", "version__definition").get(pk=started.id)
        _record(old, new, actor, difference)
    return new


def _cancel(state: State, message: str, now: datetime) -> None:
    cancel(state, message)
    writing.write([state], now)


def _touch(old: Instance, now: datetime) -> None:
    """One that has ended stays as it is but for LastModified; pages that show it offer no restart now."""
    Instance.objects.filter(pk=old.pk).update(modified_at=now)
    changes.announce([old.pk])


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


def _record(old: Instance, new: Instance, actor: Actor, difference: RestartDifference) -> None:
    """Both people and both instances are named, and the entry is found from either (D4)."""
    old.refresh_from_db()
    origin = {"RestartedFrom": str(old.guid), "Difference": difference.document()}
    before, after = rows.snapshot(old), {**rows.snapshot(new), **origin}
    rows.record(Operation.Restarted, new, actor, before=before, after=after)
    rows.record(
        Operation.Restarted, old, actor, after={"RestartedAs": str(new.guid), "RestartedBy": actor.name}
    )
