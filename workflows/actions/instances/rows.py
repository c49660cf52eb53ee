"""Reading and locking rows of instances, and what audit entries say of them."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet

from workflows import audit
from workflows.access.actors import Actor
from workflows.engine import chains, claiming
from workflows.engine.states import State
from workflows.errors import NotFound
from workflows.models import Instance
from workflows.models.instances import InstanceName, instance_named
from workflows.vocabulary.auditing import Category, Operation
from workflows.vocabulary.statuses import InstanceStatus


def get(name: InstanceName) -> Instance:
    """Whoever asks: only for what a permission was asked before. Raises NotFound."""
    return named(Instance.objects.select_related("record", "version__definition"), name)


def named(rows: QuerySet[Instance], name: InstanceName) -> Instance:
    """The one of `rows`; raises NotFound. `first()` would sort it, which costs half a reading."""
    instance = next(iter(rows.filter(instance_named(name))), None)
    if instance is None:
        raise NotFound(f"There is no workflow instance with id {name}, or it is not among those you may see.")
    return instance


def locked(name: InstanceName) -> tuple[State, Instance]:
    """The instance under its row lock, and as it is now that nobody else holds it.

    With it all of its chain of restarts are locked that have ended: of two restarts at once, the later one
    finds what the earlier one has begun, whichever instances they concern; and deletions mend it in turn.
    """
    instance = get(name)
    states = {state.id: state for state in claiming.lock([instance.pk, *chains.ended(instance.pk)])}
    if instance.pk not in states:
        raise NotFound(f"The workflow instance {name} has been deleted.")
    return states[instance.pk], get(name)


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


def record(operation: Operation, instance: Instance, actor: Actor, **states: Any) -> None:
    """Write an audit entry about the instance; `states` are `before` and `after`."""
    audit.record(
        operation,
        Category.WorkflowInstance,
        actor=actor,
        name=instance.record.title,
        identifier=instance.guid,
        **states,
    )
