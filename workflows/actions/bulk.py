"""Stop, restart or delete many instances by one call: a transaction and an outcome for each."""

from __future__ import annotations

import enum
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import structlog
from django.db import OperationalError
from django.db.models import Q

from workflows.access import policies
from workflows.access.actors import Actor
from workflows.actions import instances
from workflows.errors import DomainError, InvalidInput, Unavailable
from workflows.models import Instance
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
    """What became of one: `name` as it was given, the refusal if there was one, what a restart began."""

    name: str
    error: DomainError | None = None
    new: Instance | None = None

    @property
    def ok(self) -> bool:
        return self.error is None


def in_bulk(action: Action, names: Sequence[str], *, actor: Actor) -> list[Result]:
    """Do it with each instance, in the order given; a refusal of one never keeps another from it.

    A name is a GUID or a ReferenceId; unknown, malformed and repeated ones are refused one by one. Raises
    PermissionMissing, and InvalidInput for none or more than `LARGEST`, before anything is done.
    """
    policies.require(actor, Permission.WORKFLOW_INSTANCES_MANAGE)
    if action is Action.RESTART:
        policies.require(actor, Permission.WORKFLOW_INSTANCES_READ)
    if not 0 < len(names) <= LARGEST:
        raise InvalidInput(f"Name between 1 and {LARGEST} instances; these are {len(names)}.")
    return list(_results(action, names, actor))


def _results(action: Action, names: Sequence[str], actor: Actor) -> Iterator[Result]:
    ids, seen = _ids(names), set[int]()
    for name in names:
        id_ = ids.get(name)
        if id_ in seen:
            yield Result(name, InvalidInput("It is named twice; its first place in the list counts."))
            continue
        if id_ is not None:
            seen.add(id_)
        yield _result(action, name, actor)


def _result(action: Action, name: str, actor: Actor) -> Result:
    try:
        return Result(name, new=_carry_out(action, name, actor))
    except DomainError as error:
        return Result(name, error)
    except OperationalError:
        log.warning("instances.bulk.unavailable", action=action.value, instance=name, exc_info=True)
        return Result(name, Unavailable("The database did not answer in time; see how the instance stands."))


def _carry_out(action: Action, name: str, actor: Actor) -> Instance | None:
    found = instances.parse_name(name)
    if action is Action.RESTART:
        return instances.restart(found, actor=actor)
    carry_out = instances.stop if action is Action.STOP else instances.delete
    carry_out(found, actor=actor)
    return None


def _ids(names: Sequence[str]) -> dict[str, int]:
    """The ids of the instances there are, by the names given: a GUID and a ReferenceId may mean the same."""
    parsed = {name: known for name in names if (known := _parsed(name)) is not None}
    guids = [known for known in parsed.values() if not isinstance(known, int)]
    numbers = [known for known in parsed.values() if isinstance(known, int)]
    rows = Instance.objects.filter(Q(guid__in=guids) | Q(pk__in=numbers)).values_list("guid", "pk")
    by_name: dict[object, int] = {key: pk for guid, pk in rows for key in (guid, pk)}
    return {name: by_name[known] for name, known in parsed.items() if known in by_name}


def _parsed(name: str) -> instances.InstanceName | None:
    try:
        return instances.parse_name(name)
    except InvalidInput:
        return None
