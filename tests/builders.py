"""Plain helpers that put real rows into a test's database; a test states only what it is about."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

from django.utils import timezone

from workflows.access.actors import Actor, actor_for
from workflows.engine import documents, starting, turns
from workflows.engine.queue import Queue
from workflows.engine.starting import Seed
from workflows.models import Definition, DefinitionVersion, Instance, Role, User
from workflows.vocabulary.workflow_types import WorkflowType

Step = dict[str, Any]
PASSWORD = "a password of tests"  # of all people


def step(extension: str, name: str, *, to: str | None = "EndNOOP", **fields: Any) -> Step:
    """A step document as clients send it; `to` is where its output `continue` leads."""
    return {
        "ExtensionName": extension,
        "UniqueName": name,
        "DisplayName": fields.pop("DisplayName", name),
        "Outputs": {"continue": to} if to else {},
        **fields,
    }


def chain(*middle: Step) -> list[Step]:
    """Start, the given steps one after the other, end."""
    steps = [step("NOOPStep", "StartNOOP"), *middle, step("NOOPStep", "EndNOOP", to=None)]
    for first, second in pairwise(steps):
        if first["ExtensionName"] != "Decision":  # its outputs are its own
            first["Outputs"] = {**first["Outputs"], "continue": second["UniqueName"]}
    return steps


def noops(count: int) -> list[Step]:
    """`count` no-operation steps, start and end among them."""
    return chain(*(step("NOOPStep", f"NOOP{number}") for number in range(count - 2)))


def approval(name: str = "RequireApproval1", *, roles: Sequence[Role], **parameters: Any) -> Step:
    return step(
        "RequireApproval",
        name,
        DisplayName="Approve",
        ConfigurationParameters=parameters,
        Signals=[{"SignalName": "ApprovalStatus", "RoleIds": [role.pk for role in roles]}],
    )


def publish(
    steps: Sequence[Step],
    workflow_type: WorkflowType = WorkflowType.Expiration,
    *,
    name: str = "A workflow",
    keys: Sequence[str] = (),
) -> DefinitionVersion:
    """A new definition whose version 1 has these steps and is published."""
    definition = Definition.objects.create(workflow_type=workflow_type)
    for key in keys:
        definition.keys.create(workflow_type=workflow_type, value=key)
    version = definition.versions.create(
        number=1, display_name=name, steps=documents.prepare(workflow_type, steps), frozen_at=timezone.now()
    )
    definition.latest = definition.published = version
    definition.save()
    return version


def start(version: DefinitionVersion, data: Mapping[str, Any] | None = None, **fields: Any) -> Instance:
    """One instance of the version, ready to run."""
    seed = Seed(title="A test", initiating_user_name="Timer Service", data=data or {}, **fields)
    started = starting.start(version, seed, now=timezone.now())
    return Instance.objects.get(pk=started.id)


def run_until_quiet() -> None:
    """Take turns in this process until no queue has anything ready."""
    queues = (Queue.INTERACTIVE, Queue.BULK, Queue.SIGNING)
    while sum(turns.take_turn(name) for name in queues):
        pass


def reload(instance: Instance) -> Instance:
    return Instance.objects.select_related("record", "version").get(pk=instance.pk)


def run(version: DefinitionVersion, data: Mapping[str, Any] | None = None, **fields: Any) -> Instance:
    """Start an instance, run it as far as it goes, and give it back."""
    instance = start(version, data, **fields)
    run_until_quiet()
    return reload(instance)


def role(name: str, *members: User, permissions: Sequence[str] = ()) -> Role:
    row = Role.objects.create(name=name, permissions=list(permissions))
    row.members.set(members)
    return row


def user(name: str, **fields: Any) -> User:
    return User.objects.create_user(name, PASSWORD, **fields)


def actor(person: User) -> Actor:
    """The person with the rights of this moment."""
    return actor_for(User.objects.get(pk=person.pk))
