"""What may be done with an instance as it stands (D4 to D6, D15)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from workflows.access.actors import Actor
from workflows.engine import chains
from workflows.engine.chains import Successor
from workflows.engine.standing import goes_on
from workflows.errors import InvalidInput, WrongState
from workflows.models import DefinitionVersion, Instance
from workflows.vocabulary.permissions import Permission
from workflows.vocabulary.statuses import FINISHED, InstanceStatus

RUNNING = (InstanceStatus.Running, InstanceStatus.Suspended)

Successors = Mapping[int, Successor]
"""By the id of the instance in whose place each stands."""


@dataclass(frozen=True, slots=True)
class Abilities:
    """What an actor may do with an instance as it stands."""

    stop: bool
    restart: bool
    delete: bool


def successors_of(found: Iterable[Instance]) -> Successors:
    """What `abilities` and the checks of many want to know, by one query."""
    return chains.successors([each.pk for each in found if _needs_no_successor(each)])


def abilities(instance: Instance, *, actor: Actor, successors: Successors | None = None) -> Abilities:
    """For menus; the actions themselves check again, under the lock. Without `successors` it looks itself."""
    status = InstanceStatus(instance.status)
    manages = actor.may(Permission.WORKFLOW_INSTANCES_MANAGE)
    reads = actor.may(Permission.WORKFLOW_INSTANCES_READ)
    return Abilities(
        stop=manages and status in RUNNING,
        restart=manages and reads and _is_offered_anew(status, instance, successors),
        delete=manages and status in FINISHED,
    )


def check_stoppable(instance: Instance) -> None:
    """Raises WrongState when it has finished (D5)."""
    if instance.status not in RUNNING:
        status = InstanceStatus(instance.status).name
        raise WrongState(
            f"The instance is {status}; only running and suspended ones can be stopped.{goes_on(instance)}"
        )


def check_deletable(instance: Instance) -> None:
    """Raises WrongState while it has not finished (D6)."""
    if instance.status not in FINISHED:
        status = InstanceStatus(instance.status).name
        raise WrongState(f"The instance is {status}; stop it first, then delete it.")


def check_restartable(instance: Instance, successors: Successors | None = None) -> None:
    """Raises WrongState when it ended well, was denied, has nothing to restart on, or goes on as another."""
    _check_restart_status(InstanceStatus(instance.status), instance)
    if not _may_begin_anew(instance):
        raise WrongState("Its definition was deleted or never published; make the request anew.")
    successor = _successor(instance, successors)
    if successor and successor.status is InstanceStatus.Rejected:
        raise WrongState(
            f"It was restarted before, and as {successor} the request was denied; it can only be made anew."
        )
    if successor:
        raise WrongState(
            f"It was restarted before and goes on as {successor}, which is {successor.status.name}. Work on "
            "with that one."
        )


def restart_versions(instance: Instance, successors: Successors | None = None) -> list[DefinitionVersion]:
    """The versions it can restart on, the default first (D15). Raises WrongState when there is none."""
    check_restartable(instance, successors)
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
        raise InvalidInput(
            f"A suspended instance restarts on the published version {published} only. Leave the version "
            "out, or stop the instance first."
        )
    numbers = [f"the published {published}", *(f"the original {each.number}" for each in allowed[1:])]
    raise InvalidInput(f"version must be {' or '.join(numbers)}, not {number}; or leave it out.")


def _is_restartable(status: InstanceStatus, instance: Instance) -> bool:
    stopped = status is InstanceStatus.Rejected and instance.was_stopped
    return status in (InstanceStatus.Failed, InstanceStatus.Suspended) or stopped


def _needs_no_successor(instance: Instance) -> bool:
    """One that has ended restarts only where no other stands in its place; a suspended one is that."""
    status = InstanceStatus(instance.status)
    return status in FINISHED and _is_restartable(status, instance)


def _successor(instance: Instance, successors: Successors | None) -> Successor | None:
    known = successors_of([instance]) if successors is None else successors
    return known.get(instance.pk)


def _is_offered_anew(status: InstanceStatus, instance: Instance, successors: Successors | None) -> bool:
    possible = _is_restartable(status, instance) and _may_begin_anew(instance)
    return possible and _successor(instance, successors) is None


def _may_begin_anew(instance: Instance) -> bool:
    definition = instance.version.definition
    return definition.deleted_at is None and definition.published_id is not None


def _check_restart_status(status: InstanceStatus, instance: Instance) -> None:
    if _is_restartable(status, instance):
        return
    if status is InstanceStatus.Rejected:
        raise WrongState("The request was denied; it can only be made anew, not restarted.")
    if status is InstanceStatus.Running:
        raise WrongState("The instance is Running; stop it first, then restart it.")
    raise WrongState(
        f"The instance is {status.name}; only failed, suspended and stopped ones restart.{goes_on(instance)}"
    )
