"""Random walks: whatever people do to instances, in whatever order, they do what a small model says."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import pytest
from django.db import transaction
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    initialize,
    invariant,
    multiple,
    rule,
    run_state_machine_as_test,
)

from tests import builders
from tests.rounds import rounds
from workflows.access.actors import Actor
from workflows.actions import approvals, instances
from workflows.errors import (
    AlreadyDecided,
    DomainError,
    NotFound,
    PermissionMissing,
    SignalForbidden,
    WrongState,
)
from workflows.models import Instance, PendingSignal, Role, SignalDecision, StepRun, StopRequest
from workflows.vocabulary.permissions import Permission
from workflows.vocabulary.statuses import FINISHED, InstanceStatus, StepRunStatus

NEEDED = {"First": 2, "Second": 1}
APPROVERS = ("alice", "bob", "carol")
MANAGERS = ("alice", "olga")
EVERYBODY = ("alice", "bob", "carol", "olga", "reader", "stranger")
Status = InstanceStatus


@dataclass
class Model:
    """One instance as it ought to be."""

    row: Instance
    initiator: str
    restarter: str = ""
    status: Status = Status.Running
    step: str = "StartNOOP"
    is_ready: bool = True
    was_stopped: bool = False
    answers: dict[tuple[str, str], bool] = field(default_factory=dict)

    def take_turn(self) -> None:
        if not self.is_ready:
            return
        self.is_ready = False
        if self.step == "StartNOOP":
            self.status, self.step = Status.Suspended, "First"
        elif False in self.answers.values():
            self.status = Status.Rejected
        elif self.step == "First":
            self.status, self.step = Status.Suspended, "Second"
        else:
            self.status, self.step = Status.Complete, "EndNOOP"

    def refusal_of_answer(self, person: str, step: str) -> type[DomainError] | None:
        if person == "stranger":
            return NotFound
        if self.status is not Status.Suspended or self.step != step:
            return WrongState
        if person not in APPROVERS or person in (self.initiator, self.restarter):
            return SignalForbidden
        return AlreadyDecided if (person, step) in self.answers else None

    def answer(self, person: str, step: str, approved: bool) -> None:
        self.answers[person, step] = approved
        if not approved or sum(at == step for _, at in self.answers) == NEEDED[step]:
            self.status, self.is_ready = Status.Running, True

    def end(self, status: Status) -> None:
        self.status, self.is_ready = status, False
        self.was_stopped = status is Status.Rejected

    @property
    def is_finished(self) -> bool:
        return self.status in FINISHED

    @property
    def may_restart(self) -> bool:
        return self.status is Status.Suspended or self.was_stopped


people = st.sampled_from(EVERYBODY)


class Walk(RuleBasedStateMachine):
    """Starts, turns, answers, stops, restarts and deletions by anybody, in any order."""

    living = Bundle("living")
    gone = Bundle("gone")

    @initialize()
    def prepare(self) -> None:
        self.undo = transaction.atomic()
        self.undo.__enter__()
        self.people = {name: builders.user(name) for name in EVERYBODY}
        self.models: list[Model] = []
        self._role("readers", EVERYBODY[:-1], Permission.WORKFLOW_INSTANCES_READ)
        self._role("managers", MANAGERS, Permission.WORKFLOW_INSTANCES_MANAGE)
        roles = [self._role("approvers", APPROVERS)]
        steps = [
            builders.approval(name, roles=roles, MinimumApprovals=count) for name, count in NEEDED.items()
        ]
        self.version = builders.publish(builders.chain(*steps))

    def teardown(self) -> None:
        if hasattr(self, "undo"):
            transaction.set_rollback(True)
            self.undo.__exit__(None, None, None)

    @rule(target=living, initiator=people)
    def start(self, initiator: str) -> Model:
        row = builders.start(self.version, initiator_id=self.people[initiator].pk)
        return self._follow(Model(row, initiator))

    @rule()
    def take_turns(self) -> None:
        builders.run_until_quiet()
        for model in self.models:
            model.take_turn()

    @rule(target=living, initiator=people)
    def start_and_wait(self, initiator: str) -> Model:
        model = self.start(initiator)
        self.take_turns()
        return model

    @rule(model=living, person=st.sampled_from(APPROVERS))
    def approve_and_wait(self, model: Model, person: str) -> None:
        """What mostly happens: an answer to the step where the instance is."""
        self.answer(model, person, model.step, approved=True)
        self.take_turns()

    @rule(model=living, person=people, step=st.sampled_from(sorted(NEEDED)), approved=st.booleans())
    def answer(self, model: Model, person: str, step: str, approved: bool) -> None:
        decide = approvals.approve if approved else approvals.deny
        refusal = model.refusal_of_answer(person, step)
        self._try(refusal, lambda: decide(model.row.guid, actor=self._actor(person), step_name=step))
        if refusal is None:
            model.answer(person, step, approved)

    @rule(model=living, person=people)
    def stop(self, model: Model, person: str) -> None:
        refusal = self._refusal(person, is_allowed=not model.is_finished)
        self._try(refusal, lambda: instances.stop(model.row.guid, actor=self._actor(person)))
        if refusal is None:
            model.end(Status.Rejected)

    @rule(target=living, model=living, person=people)
    def restart(self, model: Model, person: str) -> object:
        refusal = self._refusal(person, is_allowed=model.may_restart)
        found = self._try(refusal, lambda: instances.restart(model.row.guid, actor=self._actor(person)))
        if not isinstance(found, Instance):
            return multiple()
        if model.status is Status.Suspended:
            model.end(Status.CanceledForRestart)
        return self._follow(Model(found, model.initiator, restarter=person))

    @rule(target=gone, model=consumes(living))
    def delete_finished(self, model: Model) -> object:
        refusal = None if model.is_finished else WrongState
        self._try(refusal, lambda: instances.delete(model.row.guid, actor=self._actor("olga")))
        if refusal is not None:
            return multiple()
        self.models.remove(model)
        return model

    @rule(model=gone, person=st.sampled_from(MANAGERS))
    def touch_what_is_gone(self, model: Model, person: str) -> None:
        actor = self._actor(person)
        for work in (instances.stop, instances.restart, instances.delete):
            self._try(NotFound, lambda work=work: work(model.row.guid, actor=actor))  # type: ignore[misc]
        self._try(NotFound, lambda: approvals.approve(model.row.guid, actor=actor, step_name="First"))

    @invariant()
    def rows_are_as_the_model_says(self) -> None:
        for model in getattr(self, "models", []):
            row = builders.reload(model.row)
            assert (Status(row.status), row.step_name) == (model.status, model.step)
            assert (row.ready_at is not None, row.was_stopped) == (model.is_ready, model.was_stopped)
            taken = SignalDecision.objects.filter(instance=row).values_list("user__username", "step_name")
            assert set(taken) == set(model.answers)
            self._check_waits(model)

    @invariant()
    def nothing_is_left_over(self) -> None:
        if hasattr(self, "models"):
            ids = [model.row.pk for model in self.models]
            assert not StopRequest.objects.exists()
            assert not StepRun.objects.exclude(instance__in=ids).exists()
            assert Instance.objects.count() == len(ids)

    def _check_waits(self, model: Model) -> None:
        """It asks people, and its history shows a wait, exactly while it is undecided."""
        asks = PendingSignal.objects.filter(instance=model.row).values_list("step_name", flat=True)
        waits = StepRun.objects.filter(instance=model.row, status=StepRunStatus.Waiting)
        at_step = [model.step] if model.status is Status.Suspended else []
        undecided = model.status is Status.Running and model.step in NEEDED  # the worker has not come yet
        assert list(asks) == ([model.step] if undecided else at_step)
        assert [run.step_name for run in waits] == ([model.step] if undecided else at_step)

    def _follow(self, model: Model) -> Model:
        self.models.append(model)
        return model

    def _refusal(self, person: str, *, is_allowed: bool) -> type[DomainError] | None:
        if person not in MANAGERS:
            return PermissionMissing
        return None if is_allowed else WrongState

    def _try(self, refusal: type[DomainError] | None, work: Callable[[], object]) -> object:
        """Do it; it is refused for that reason, or not at all."""
        if refusal is None:
            return work()
        with pytest.raises(refusal):
            work()
        return None

    def _role(self, name: str, members: tuple[str, ...], *permissions: str) -> Role:
        return builders.role(name, *(self.people[each] for each in members), permissions=permissions)

    def _actor(self, person: str) -> Actor:
        return builders.actor(self.people[person])


@pytest.mark.django_db
@pytest.mark.timeout(900)
def test_random_walks() -> None:
    run_state_machine_as_test(  # type: ignore[no-untyped-call]
        Walk, settings=settings(max_examples=rounds(150), stateful_step_count=40)
    )
