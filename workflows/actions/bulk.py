"""Stop, restart or delete many instances by one call: a transaction and an outcome for each."""

from __future__ import annotations

import enum
from collections.abc import Sequence
from dataclasses import dataclass

import structlog
from django.db import OperationalError

from workflows.access import policies
from workflows.access.actors import Actor
from workflows.actions import instances
from workflows.actions.restart_differences import weaknesses
from workflows.errors import DomainError, InvalidInput, Unavailable, Unexpected
from workflows.models import DefinitionVersion, Instance
from workflows.models.instances import InstanceName, instance_named
from workflows.vocabulary.permissions import Permission

log = structlog.get_logger(__name__)

LARGEST = 500  # instances of one call, so that it ends before a browser or proxy gives up


class Action(enum.Enum):
    """What can be done with many at once; its name is that of the operation on one."""

    STOP = "Stop"
    RESTART = "Restart"
    DELETE = "Delete"


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one: `name` as it was given, the refusal if there was one, what a restart began.

    `warnings` say where the version of the new one is weaker than that of the old one.
    """

    name: str
    error: DomainError | None = None
    new: Instance | None = None
    warnings: Sequence[str] = ()

    @property
    def ok(self) -> bool:
        return self.error is None


def in_bulk(
    action: Action, names: Sequence[str], *, actor: Actor, version: int | None = None
) -> list[Result]:
    """Do it with each instance, in the order given; a refusal of one never keeps another from it.

    A name is a GUID or a ReferenceId; unknown, malformed and repeated ones are refused one by one. `version`
    is what restarts take, each as far as it may. Raises PermissionMissing, and InvalidInput for none or more
    than `LARGEST`, before anything is done.
    """
    policies.require(actor, Permission.WORKFLOW_INSTANCES_MANAGE)
    if action is Action.RESTART:
        policies.require(actor, Permission.WORKFLOW_INSTANCES_READ)
    if not 0 < len(names) <= LARGEST:
        raise InvalidInput(f"Name between 1 and {LARGEST} instances; these are {len(names)}.")
    seen: set[InstanceName] = set()
    return [_result(action, name, actor, seen, version) for name in names]


def _result(action: Action, name: str, actor: Actor, seen: set[InstanceName], version: int | None) -> Result:
    """Whatever happens to one is its own outcome: those before it are committed and must be told of."""
    try:
        return _carry_out(action, name, _first_time(name, seen), actor, version)
    except DomainError as error:
        return Result(name, error)
    except OperationalError:
        log.warning("instances.bulk.unavailable", action=action.value, instance=name, exc_info=True)
        return Result(name, Unavailable("The database did not answer in time; see how the instance stands."))
    except Exception:
        log.exception("instances.bulk.fault", action=action.value, instance=name)
        return Result(name, Unexpected("Something went wrong here; the log holds the cause."))


def _first_time(name: str, seen: set[InstanceName]) -> InstanceName:
    """What the name says; raises InvalidInput when another one before has meant the same instance.

    All names of an instance are remembered, because it may be gone when it is named again.
    """
    found = instances.parse_name(name)
    if found in seen:
        raise InvalidInput("It is named twice; its first place in the list counts.")
    names = Instance.objects.filter(instance_named(found)).values_list("pk", "guid").first()
    seen.update(names or (found,))
    return found


def _carry_out(action: Action, name: str, found: InstanceName, actor: Actor, version: int | None) -> Result:
    if action is Action.RESTART:
        new = instances.restart(found, actor=actor, version=version)
        before = DefinitionVersion.objects.get(instances=new.record.restarted_from_id)
        return Result(name, new=new, warnings=weaknesses(before, new.version))
    carry_out = instances.stop if action is Action.STOP else instances.delete
    carry_out(found, actor=actor)
    return Result(name)
