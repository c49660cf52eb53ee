"""What an instance ought to be: a few lines beside the engine's thousands."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import NamedTuple

from workflows.errors import (
    AlreadyDecided,
    DomainError,
    InvalidInput,
    NotFound,
    SignalForbidden,
    WrongState,
)
from workflows.models import Instance
from workflows.vocabulary.statuses import FINISHED
from workflows.vocabulary.statuses import InstanceStatus as Status
from workflows.vocabulary.statuses import StepRunStatus as RunStatus

NEEDED = {"First": 2, "Second": 1, "Open": 1}  # approvals
OPEN = "Open"  # where people may answer their own requests
TIMER = "Pause"
CHECK = "Check"  # fails while something outside is out of order
# The versions' own steps.
PLANS = {
    1: ("First", "Second"),
    2: (TIMER, "First"),
    3: ("Second", TIMER),
    4: (CHECK, "First"),
    5: ("Second", CHECK),
    6: (OPEN, "First"),
}
READERS = ("alice", "bob", "carol", "olga", "reader")
MINE, PENDING = "mina", "pia"  # who read their own requests alone, and what waits for them alone
EVERYBODY = (*READERS, MINE, PENDING, "stranger")
MANAGERS = ("alice", "olga")
APPROVERS = ("alice", "bob", "carol")  # at first

Refusal = type[DomainError] | None


class Standing(NamedTuple):
    """What the tables say of one instance, and what they ought to."""

    status: Status
    step: str
    is_ready: bool  # or will be at its time
    version: int
    was_stopped: bool
    origin: int | None
    answers: list[tuple[str, str]]
    asks_at: list[str]
    history: list[tuple[str, RunStatus]]


@dataclass(eq=False)
class Model:
    """One instance as it ought to be; `history` has a line for each step that it came to."""

    row: Instance = field(repr=False)
    version: int
    initiator: str
    restarter: str = ""
    status: Status = Status.Running
    step: str = "StartNOOP"
    is_ready: bool = True
    was_stopped: bool = False
    is_gone: bool = False
    answers: dict[tuple[str, str], bool] = field(default_factory=dict)
    history: list[tuple[str, RunStatus]] = field(default_factory=list)
    origin: Model | None = field(default=None, repr=False)  # from which it was restarted
    restarts: list[Model] = field(default_factory=list, repr=False)

    @property
    def standing(self) -> Standing:
        return Standing(
            status=self.status,
            step=self.step,
            is_ready=self.is_ready or self.is_pausing,
            version=self.version,
            was_stopped=self.was_stopped,
            origin=self.origin.row.pk if self.origin else None,
            answers=sorted(self.answers),
            asks_at=self.asks_at,
            history=self.history,
        )

    def take_turn(self, *, is_out_of_order: bool) -> None:
        if not self.is_ready:
            return
        self.is_ready = False
        self._go_on(is_out_of_order)

    def pass_time(self) -> None:
        """Whatever it waits for by the clock is due."""
        self.is_ready |= self.is_pausing

    def is_seen_by(self, person: str, approvers: Collection[str]) -> bool:
        """With the permissions alone; who was asked may answer, and learns why he cannot, besides."""
        if person == MINE:
            return self.initiator == person
        return person in READERS or (person == PENDING and self.is_assigned_to(person, approvers))

    def refusal_of_answer(self, person: str, step: str, approvers: Collection[str]) -> Refusal:
        is_own = person == MINE == self.initiator
        if self.is_gone or not (person in READERS or is_own or (person in approvers and self._has_asked)):
            return NotFound
        if self.status is not Status.Suspended or self.step != step:
            return WrongState
        if person not in approvers or (step != OPEN and person in (self.initiator, self.restarter)):
            return SignalForbidden
        return AlreadyDecided if (person, step) in self.answers else None

    def answer(self, person: str, step: str, approved: bool) -> None:
        """A denial ends it at once, with enough approvals a worker goes on."""
        self.answers[person, step] = approved
        if not approved:
            self.status = Status.Rejected
            self._close_wait(RunStatus.Rejected)
        elif sum(at == step for _, at in self.answers) == NEEDED[step]:
            self.status, self.is_ready = Status.Running, True

    def refusal_of_stop(self) -> Refusal:
        return NotFound if self.is_gone else WrongState if self.is_finished else None

    def refusal_of_delete(self) -> Refusal:
        return NotFound if self.is_gone else None if self.is_finished else WrongState

    def refusal_of_restart(self, wanted: int | None, published: int) -> Refusal:
        if self.is_gone:
            return NotFound
        if self.status not in (Status.Suspended, Status.Failed) and not self.was_stopped:
            return WrongState
        if self.is_finished and any(each.stands for each in self.chain()):
            return WrongState
        allowed = {published} if self.status is Status.Suspended else {published, self.version}
        return None if wanted is None or wanted in allowed else InvalidInput

    def end(self, status: Status) -> None:
        self._close_wait(RunStatus.Stopped)
        self.status, self.is_ready = status, False
        self.was_stopped = status is Status.Rejected

    def chain(self) -> list[Model]:
        """All that restarts tie to it, itself among them."""
        found = [self]
        for each in found:
            tied = [*each.restarts, *([each.origin] if each.origin else [])]
            found += [other for other in tied if other not in found]
        return found

    def begin_anew(self, new: Model) -> None:
        new.origin = self
        self.restarts.append(new)

    def go(self) -> None:
        """What was restarted from it is tied to what it came from; from the first one, to the eldest."""
        self.is_gone = True
        eldest, *others = self.restarts or [None]
        for each in self.restarts:
            each.origin = self.origin
        if self.origin:
            self.origin.restarts.remove(self)
            self.origin.restarts += self.restarts
        elif eldest:
            for each in others:
                each.origin = eldest
            eldest.restarts += others

    @property
    def stands(self) -> bool:
        """Whether nothing begins in its place or that of its relatives."""
        is_denied = self.status is Status.Rejected and not self.was_stopped
        return is_denied or self.status is Status.Complete or not self.is_finished

    def is_assigned_to(self, person: str, approvers: Collection[str]) -> bool:
        return self.refusal_of_answer(person, self.step, approvers) is None

    @property
    def is_finished(self) -> bool:
        return self.status in FINISHED

    @property
    def is_pausing(self) -> bool:
        return self.status is Status.Running and self.step == TIMER

    @property
    def asks_at(self) -> list[str]:
        """The step that people are asked at; none once it is decided, though no worker has come yet."""
        return [self.step] if self.status is Status.Suspended else []

    @property
    def _has_asked(self) -> bool:
        return any(step in NEEDED for step, _ in self.history)

    def _go_on(self, is_out_of_order: bool) -> None:
        self._close_wait(RunStatus.Done)
        if self.step == "StartNOOP":
            self.history.append(("StartNOOP", RunStatus.Done))
        self._take_next_step()
        if self.step == CHECK:
            self._check(is_out_of_order)

    def _take_next_step(self) -> None:
        plan = ("StartNOOP", *PLANS[self.version], "EndNOOP")
        self.step = plan[plan.index(self.step) + 1]
        if self.step == "EndNOOP":
            self.status = Status.Complete
            self.history.append(("EndNOOP", RunStatus.Done))
        elif self.step != CHECK:
            self.status = Status.Running if self.step == TIMER else Status.Suspended
            self.history.append((self.step, RunStatus.Waiting))

    def _check(self, is_out_of_order: bool) -> None:
        self.history.append((CHECK, RunStatus.Failed if is_out_of_order else RunStatus.Done))
        if is_out_of_order:
            self.status = Status.Failed
        else:
            self._take_next_step()

    def _close_wait(self, status: RunStatus) -> None:
        if self.history and self.history[-1][1] is RunStatus.Waiting:
            self.history[-1] = (self.step, status)
