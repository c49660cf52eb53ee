"""Who stands how to an instance in which state: the cases of the matrix, and what each may expect."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from zlib import crc32

from tests.rounds import rounds
from workflows.models import Instance, Role, User
from workflows.vocabulary.permissions import TREE, Permission

READ = Permission.WORKFLOW_INSTANCES_READ
MINE = Permission.WORKFLOW_INSTANCES_READ_MINE
PENDING = Permission.WORKFLOW_INSTANCES_READ_PENDING
MANAGE = Permission.WORKFLOW_INSTANCES_MANAGE
STEP = "RequireApproval1"

GRANTS: dict[str, tuple[str, ...]] = {
    "nothing": (),
    "mine": (MINE,),
    "pending": (PENDING,),
    "read": (READ,),
    "manage": (MANAGE,),
    "manage and read": (MANAGE, READ),
    "mine and pending": (MINE, PENDING),
    "manage and mine": (MANAGE, MINE),
    "all of workflows": ("/workflows/",),
    "everything": ("/",),
    "all but instances": tuple(each for each in TREE if not f"{READ} {MANAGE}".count(each)),
}
RELATIONS = ("none", "own", "asked", "own and asked", "restarted and asked")
WAITING, STOPPED, DENIED, FAILED = "waiting", "stopped", "denied", "failed"
EVERY = (WAITING, STOPPED, DENIED, FAILED)
# Asked about the waiting one only: what two rights or relations do together has nothing to do with the state.
_JOINED = ("mine and pending", "manage and mine", "own and asked")
# Only these for the other two states: what they change has nothing to do with who asks.
_SOME_GRANTS = ("nothing", "read", "mine and pending", "manage and read")
_SOME_RELATIONS = ("none", "own", "asked")


@dataclass(frozen=True)
class Case:
    """A caller with these grants who stands so to an instance in that state."""

    grants: str
    relation: str
    state: str

    def holds(self, *permissions: str) -> bool:
        """Whether one of them is granted; a string covers those below it."""
        return any(wanted.startswith(held) for wanted in permissions for held in GRANTS[self.grants])

    @property
    def is_own(self) -> bool:
        return self.relation.startswith("own")

    @property
    def is_assigned(self) -> bool:
        return self.relation == "asked" and self.state == WAITING

    @property
    def is_seen(self) -> bool:
        mine = self.is_own and self.holds(MINE)
        return self.holds(READ) or mine or (self.is_assigned and self.holds(PENDING))

    def relate(self, instance: Instance, person: User, asked: Role) -> None:
        """Make the rows say so, until the savepoint goes back."""
        if self.is_own:
            Instance.objects.filter(pk=instance.pk).update(initiator=person)
        if self.relation == "restarted and asked":
            type(instance.record).objects.filter(pk=instance.pk).update(restarted_by=person)
        if self.is_own or self.relation == "restarted and asked":
            instance.pending_signals.update(excluded_ids=[person.pk])
        if "asked" in self.relation:
            asked.members.add(person)


def cases() -> Iterator[Case]:
    for grants, relation, state in itertools.product(GRANTS, RELATIONS, (WAITING, STOPPED)):
        if state == WAITING or not {grants, relation}.intersection(_JOINED):
            yield Case(grants, relation, state)
    for parts in itertools.product(_SOME_GRANTS, _SOME_RELATIONS, (DENIED, FAILED)):
        yield Case(*parts)


def cases_of_no_instance() -> Iterator[Case]:
    """For an operation that names none: it cannot meet two states of one."""
    return (case for case in cases() if case.state == WAITING)


def in_turn(wanted: Iterable[Case], operation: str) -> Iterator[Case]:
    """All of them with `ROUNDS=full`, else half of them; each operation has a half of its own."""
    halves = rounds(2, least=1)
    return (case for case in wanted if crc32(f"{operation} {case}".encode()) % 2 < halves)


def of_list(case: Case, *permissions: str) -> int:
    return 200 if case.holds(*permissions) else 403


def of_one(case: Case) -> int:
    """D19: 403 without any right to read, 404 out of its scope."""
    if not case.holds(READ, MINE, PENDING):
        return 403
    return 200 if case.is_seen else 404


def of_managing(case: Case, *, done: int, possible_when: tuple[str, ...], reads: bool = False) -> int:
    if not case.holds(MANAGE) or (reads and not case.holds(READ)):
        return 403
    return done if case.state in possible_when else 409


def of_signal(case: Case, *, done: int) -> int:
    """No permission by itself: a role of the step's signal, and not one's own request (D14)."""
    if "asked" not in case.relation and not case.is_seen:
        return 404
    if case.state != WAITING:
        return 409
    return done if case.is_assigned else 403
