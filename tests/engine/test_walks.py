"""Random walks: whatever people do to instances, in whatever order, they do what a small model says."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import pytest
from django.db import transaction
from django.utils import timezone
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

from tests import builders, moves
from tests.engine.walk_model import MANAGERS, NEEDED, PLANS, READERS, TIMER, Model, Refusal, Status
from tests.rounds import rounds
from workflows.access import policies
from workflows.access.actors import Actor
from workflows.actions import approvals, definitions, instances
from workflows.engine import documents
from workflows.errors import InvalidDefinition, NotFound, PermissionMissing
from workflows.models import (
    AuditEntry,
    Instance,
    PendingSignal,
    Role,
    SignalDecision,
    StepRun,
    StopRequest,
)
from workflows.vocabulary.auditing import Operation
from workflows.vocabulary.permissions import Permission
from workflows.vocabulary.statuses import StepRunStatus

EVERYBODY = (*READERS, "stranger")
people = st.sampled_from(EVERYBODY)
managers = st.sampled_from(MANAGERS)
versions = st.sampled_from(sorted(PLANS))


class Walk(RuleBasedStateMachine):
    """Starts, turns, answers, stops, restarts, deletions, publications and changes of roles by anybody."""

    living = Bundle("living")
    gone = Bundle("gone")

    @initialize()
    def prepare(self) -> None:
        self.undo = transaction.atomic()
        self.undo.__enter__()
        moves.guard()
        self.people = {name: builders.user(name) for name in EVERYBODY}
        self.models: list[Model] = []
        self.audited: Counter[Operation] = Counter()
        self._role("readers", READERS, Permission.WORKFLOW_INSTANCES_READ)
        self._role(
            "managers",
            MANAGERS,
            Permission.WORKFLOW_INSTANCES_MANAGE,
            Permission.WORKFLOW_DEFINITIONS_MODIFY,
        )
        self.approvers = {"alice", "bob", "carol"}
        self.role = self._role("approvers", tuple(self.approvers))
        self.definition = builders.publish(self._steps(1)).definition
        for number in sorted(PLANS)[1:]:
            prepared = documents.prepare(self.definition.workflow_type, self._steps(number))
            self.definition.versions.create(number=number, display_name="A workflow", steps=prepared)
        self.published = 1

    def teardown(self) -> None:
        if hasattr(self, "undo"):
            transaction.set_rollback(True)
            self.undo.__exit__(None, None, None)

    @rule(target=living, initiator=people)
    def start(self, initiator: str) -> Model:
        version = self.definition.versions.get(number=self.published)
        row = builders.start(version, initiator_id=self.people[initiator].pk)
        return self._follow(Model(row, self.published, initiator))

    @rule()
    def take_turns(self) -> None:
        builders.run_until_quiet()
        for model in self.models:
            model.take_turn()

    @rule()
    def let_time_pass(self) -> None:
        now = timezone.now()
        Instance.objects.filter(ready_at__gt=now).update(ready_at=now)
        for model in self.models:
            model.pass_time()
        self.take_turns()

    @rule(target=living, initiator=people)
    def start_and_wait(self, initiator: str) -> Model:
        model = self.start(initiator)
        self.take_turns()
        return model

    @rule(model=living, person=people)
    def approve_and_wait(self, model: Model, person: str) -> None:
        """What mostly happens: an answer to the step where the instance is."""
        self.answer(model, person, model.step, approved=True)
        self.take_turns()

    @rule(model=living, person=people, step=st.sampled_from(sorted(NEEDED)), approved=st.booleans())
    def answer(self, model: Model, person: str, step: str, approved: bool) -> None:
        decide = approvals.approve if approved else approvals.deny
        refusal = model.refusal_of_answer(person, step, self.approvers)
        self._try(refusal, lambda: decide(model.row.guid, actor=self._actor(person), step_name=step))
        if refusal is None:
            self.audited[Operation.Approved if approved else Operation.Denied] += 1
            model.answer(person, step, approved)
            for each in sorted(self.approvers):
                self.look(each)

    @rule(model=living, person=people)
    def stop(self, model: Model, person: str) -> None:
        refusal = self._refusal(person, model.refusal_of_stop())
        self._try(refusal, lambda: instances.stop(model.row.guid, actor=self._actor(person)))
        if refusal is None:
            self.audited[Operation.Stopped] += 1
            model.end(Status.Rejected)

    @rule(target=living, model=living, person=people, version=st.none() | versions | st.just(9))
    def restart(self, model: Model, person: str, version: int | None) -> object:
        refusal = self._refusal(person, model.refusal_of_restart(version, self.published))
        actor = self._actor(person)
        found = self._try(refusal, lambda: instances.restart(model.row.guid, actor=actor, version=version))
        if not isinstance(found, Instance):
            return multiple()
        self.audited[Operation.Restarted] += 2  # found from the old and from the new one
        if model.status is Status.Suspended:
            model.end(Status.CanceledForRestart)
        return self._follow(Model(found, version or self.published, model.initiator, restarter=person))

    @rule(target=gone, model=consumes(living), person=managers)
    def delete_finished(self, model: Model, person: str) -> object:
        refusal = model.refusal_of_delete()
        self._try(refusal, lambda: instances.delete(model.row.guid, actor=self._actor(person)))
        if refusal is not None:
            return multiple()
        self.audited[Operation.Deleted] += 1
        self.models.remove(model)
        return model

    @rule(model=living, person=st.sampled_from([each for each in EVERYBODY if each not in MANAGERS]))
    def fail_to_delete(self, model: Model, person: str) -> None:
        self._try(PermissionMissing, lambda: instances.delete(model.row.guid, actor=self._actor(person)))

    @rule(model=gone, person=managers)
    def touch_what_is_gone(self, model: Model, person: str) -> None:
        actor = self._actor(person)
        for work in (instances.stop, instances.restart, instances.delete):
            self._try(NotFound, lambda work=work: work(model.row.guid, actor=actor))  # type: ignore[misc]
        self._try(NotFound, lambda: approvals.approve(model.row.guid, actor=actor, step_name="First"))

    @rule(number=versions, person=people)
    def publish(self, number: int, person: str) -> None:
        """Refused while the roles hold fewer people than the version's steps ask."""
        asked = max(NEEDED.get(step, 0) for step in PLANS[number])
        refusal = self._refusal(person, InvalidDefinition if asked > len(self.approvers) else None)
        actor = self._actor(person)
        self._try(refusal, lambda: definitions.publish(self.definition.guid, actor=actor, number=number))
        if refusal is None:
            self.audited[Operation.Published] += 1
            self.published = number

    @rule(person=people)
    def change_the_role(self, person: str) -> None:
        """Who is in the role counts at the time of the answer; answers given before stay."""
        self.approvers ^= {person}
        self.role.members.set([self.people[name] for name in self.approvers])

    @rule(person=people)
    def look(self, person: str) -> None:
        actor = self._actor(person)
        assigned = Instance.objects.filter(policies.assigned_to(actor))
        expected = [each.row.pk for each in self.models if each.is_assigned_to(person, self.approvers)]
        assert sorted(row.pk for row in assigned) == sorted(expected)
        mine = [each.row.pk for each in self.models if each.initiator == person]
        assert sorted(row.pk for row in Instance.objects.filter(policies.created_by(actor))) == sorted(mine)

    @invariant()
    def rows_are_as_the_model_says(self) -> None:
        for model in getattr(self, "models", []):
            row = builders.reload(model.row)
            assert (Status(row.status), row.step_name) == (model.status, model.step)
            assert (row.ready_at is not None) == (model.is_ready or model.is_pausing)
            assert (row.version.number, row.was_stopped) == (model.version, model.was_stopped)
            taken = SignalDecision.objects.filter(instance=row).values_list("user__username", "step_name")
            assert sorted(taken) == sorted(model.answers)
            asks = PendingSignal.objects.filter(instance=row).values_list("step_name", flat=True)
            assert list(asks) == model.asks_at
            runs = StepRun.objects.filter(instance=row).order_by("pk")
            assert [(run.step_name, StepRunStatus(run.status)) for run in runs] == model.history

    @invariant()
    def nothing_is_left_over(self) -> None:
        if hasattr(self, "models"):
            ids = [model.row.pk for model in self.models]
            assert not StopRequest.objects.exists()
            assert not StepRun.objects.exclude(instance__in=ids).exists()
            assert Instance.objects.count() == len(ids)

    @invariant()
    def what_was_done_and_nothing_else_is_audited(self) -> None:
        if hasattr(self, "audited"):
            entries = AuditEntry.objects.values_list("operation", flat=True)
            assert Counter(map(Operation, entries)) == self.audited

    def _steps(self, number: int) -> list[builders.Step]:
        pause = builders.step("Wait", TIMER, ConfigurationParameters={"Days": 5})
        steps = [
            pause
            if name == TIMER
            else builders.approval(name, roles=[self.role], MinimumApprovals=NEEDED[name])
            for name in PLANS[number]
        ]
        return builders.chain(*steps)

    def _follow(self, model: Model) -> Model:
        self.models.append(model)
        return model

    def _refusal(self, person: str, otherwise: Refusal) -> Refusal:
        return otherwise if person in MANAGERS else PermissionMissing

    def _try(self, refusal: Refusal, work: Callable[[], object]) -> object:
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
