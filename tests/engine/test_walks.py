"""Random walks: whatever people do to instances, in whatever order, they do what a small model says."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import timedelta

import pytest
from django.db.models import QuerySet
from django.utils import timezone
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, multiple, rule, run_state_machine_as_test

from tests import builders
from tests.engine.conftest import Install
from tests.engine.walk_model import APPROVERS, EVERYBODY, MANAGERS, NEEDED, PLANS, Model, Refusal, Status
from tests.engine.walk_world import Outside, World
from tests.rounds import rounds
from workflows.access import policies
from workflows.actions import approvals, bulk, definitions, instances, purge_now
from workflows.actions.bulk import Action
from workflows.actions.purging import Rule
from workflows.engine.contracts import Continue, Effects, Fail
from workflows.errors import InvalidDefinition, InvalidInput, NotFound, PermissionMissing, WrongState
from workflows.models import Instance
from workflows.vocabulary.auditing import Operation
from workflows.vocabulary.permissions import Permission
from workflows.vocabulary.statuses import FINISHED

people = st.sampled_from(EVERYBODY)
managers = st.sampled_from(MANAGERS) | people  # mostly those who may
approvers = st.sampled_from(APPROVERS) | people
versions = st.sampled_from(sorted(PLANS))
wanted_versions = st.none() | versions | st.just(9)


class Walk(World):
    """Starts, turns, answers, stops, restarts, deletions, publications and changes of roles by anybody.

    Instances that are gone stay in the bundle: what is done with them is refused.
    """

    started = Bundle("started")

    @rule(target=started, initiator=people)
    def start(self, initiator: str) -> Model:
        version = self.definition.versions.get(number=self.published)
        row = builders.start(version, initiator_id=self.people[initiator].pk)
        return self.follow(Model(row, self.published, initiator))

    @rule()
    def take_turns(self) -> None:
        builders.run_until_quiet()
        for model in self.models:
            model.take_turn(is_out_of_order=self.outside.is_out_of_order)

    @rule()
    def let_time_pass(self) -> None:
        now = timezone.now()
        Instance.objects.filter(ready_at__gt=now).update(ready_at=now)
        for model in self.models:
            model.pass_time()
        self.take_turns()

    @rule(is_out_of_order=st.booleans())
    def change_what_is_outside(self, is_out_of_order: bool) -> None:
        self.outside.is_out_of_order = is_out_of_order

    @rule(target=started, initiator=people)
    def start_and_wait(self, initiator: str) -> Model:
        model = self.start(initiator)
        self.take_turns()
        return model

    @rule(model=started, person=approvers)
    def approve_and_wait(self, model: Model, person: str) -> None:
        """What mostly happens: an answer to the step where the instance is."""
        self.answer(model, person, model.step, approved=True)
        self.take_turns()

    @rule(model=started, person=approvers, step=st.sampled_from(sorted(NEEDED)), approved=st.booleans())
    def answer(self, model: Model, person: str, step: str, approved: bool) -> None:
        decide = approvals.approve if approved else approvals.deny
        refusal = model.refusal_of_answer(person, step, self.approvers)
        self.attempt(refusal, lambda: decide(model.row.guid, actor=self.actor(person), step_name=step))
        if refusal is None:
            self.audited[Operation.Approved if approved else Operation.Denied] += 1
            model.answer(person, step, approved)
            for each in sorted(self.approvers):
                self.look(each)

    @rule(model=started, person=managers)
    def stop(self, model: Model, person: str) -> None:
        refusal = self.refusal(person, model.refusal_of_stop())
        self.attempt(refusal, lambda: instances.stop(model.row.guid, actor=self.actor(person)))
        if refusal is None:
            self._is_stopped(model)

    @rule(target=started, model=started, person=managers, version=wanted_versions)
    def restart(self, model: Model, person: str, version: int | None) -> object:
        refusal = self.refusal(person, model.refusal_of_restart(version, self.published))
        actor = self.actor(person)
        new = self.attempt(refusal, lambda: instances.restart(model.row.guid, actor=actor, version=version))
        return self._is_restarted(model, new, person, version) if refusal is None else multiple()

    @rule(model=started, person=managers)
    def delete(self, model: Model, person: str) -> None:
        refusal = self.refusal(person, model.refusal_of_delete())
        self.attempt(refusal, lambda: instances.delete(model.row.guid, actor=self.actor(person)))
        if refusal is None:
            self._is_deleted(model)

    @rule(models=st.lists(started, max_size=4), person=managers)
    def stop_many(self, models: list[Model], person: str) -> None:
        for model, _ in self._do_with_many(Action.STOP, models, person, Model.refusal_of_stop):
            self._is_stopped(model)

    @rule(models=st.lists(started, max_size=4), person=managers)
    def delete_many(self, models: list[Model], person: str) -> None:
        for model, _ in self._do_with_many(Action.DELETE, models, person, Model.refusal_of_delete):
            self._is_deleted(model)

    @rule(target=started, models=st.lists(started, max_size=4), person=managers, version=wanted_versions)
    def restart_many(self, models: list[Model], person: str, version: int | None) -> object:
        begun: list[Model] = []  # a chain of restarts goes on once

        def refusal(model: Model) -> Refusal:
            refusal = model.refusal_of_restart(version, self.published)
            if refusal is None and model.is_finished:
                refusal = WrongState if any(each in begun for each in model.chain()) else None
                begun.append(model)
            return refusal

        done = self._do_with_many(Action.RESTART, models, person, refusal, version)
        return multiple(*(self._is_restarted(model, new, person, version) for model, new in done))

    @rule(person=managers, statuses=st.sets(st.sampled_from(sorted(FINISHED)), min_size=1, max_size=2))
    def purge(self, person: str, statuses: set[Status]) -> None:
        """Everything that ended so, however lately."""
        old = Rule(timezone.now() + timedelta(hours=1), tuple(statuses))
        refusal, actor = self.refusal(person, None), self.actor(person)
        self.attempt(refusal, lambda: purge_now.carry_out(old, actor=actor))
        gone = [model for model in self.models if model.status in statuses]
        if refusal is None and gone:
            self.audited[Operation.Deleted] += 1
            self.forget(*gone)

    @rule(number=versions, person=managers)
    def publish(self, number: int, person: str) -> None:
        """Refused while the roles hold fewer people than the version's steps ask."""
        asked = max(NEEDED.get(step, 0) for step in PLANS[number])
        refusal = self.refusal(person, InvalidDefinition if asked > len(self.approvers) else None)
        actor = self.actor(person)
        self.attempt(refusal, lambda: definitions.publish(self.definition.guid, actor=actor, number=number))
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
        actor = self.actor(person)
        assigned = Instance.objects.filter(policies.assigned_to(actor))
        assert _keys(assigned) == _rows(m for m in self.models if m.is_assigned_to(person, self.approvers))
        assert policies.assigned_ids(actor, 100) == _keys(assigned)[::-1]
        mine = Instance.objects.filter(policies.created_by(actor))
        assert _keys(mine) == _rows(m for m in self.models if m.initiator == person)

    @rule(person=people, model=started)
    def read(self, person: str, model: Model) -> None:
        """Lists and single answers show the same instances to everybody."""
        actor, may = self.actor(person), Permission.WORKFLOW_INSTANCES_READ
        if person == "stranger":
            self.attempt(PermissionMissing, lambda: policies.restrict(Instance.objects.all(), actor, may))
            self.attempt(PermissionMissing, lambda: instances.visible(model.row.guid, actor=actor))
            return
        seen = [each for each in self.models if each.is_seen_by(person, self.approvers)]
        assert _keys(policies.restrict(Instance.objects.all(), actor, may)) == _rows(seen)
        refusal = None if model in seen else NotFound
        self.attempt(refusal, lambda: instances.visible(model.row.guid, actor=actor))

    def _do_with_many(
        self,
        action: Action,
        models: Sequence[Model],
        person: str,
        refusal_of: Callable[[Model], Refusal],
        version: int | None = None,
    ) -> list[tuple[Model, Instance | None]]:
        """Those with which it was done, and what a restart made of them; each is named once."""
        actor, names = self.actor(person), [str(model.row.guid) for model in models]
        refusal = self.refusal(person, None if models else InvalidInput)
        expected = [
            InvalidInput if model in models[:place] else refusal_of(model)
            for place, model in enumerate(models)
        ]
        results = self.attempt(refusal, lambda: bulk.in_bulk(action, names, actor=actor, version=version))
        if not isinstance(results, list):
            return []
        assert [type(each.error) if each.error else None for each in results] == expected
        return [(model, each.new) for model, each in zip(models, results, strict=True) if each.ok]

    def _is_stopped(self, model: Model) -> None:
        self.audited[Operation.Stopped] += 1
        model.end(Status.Rejected)

    def _is_restarted(self, model: Model, new: object, person: str, version: int | None) -> Model:
        assert isinstance(new, Instance)
        self.audited[Operation.Restarted] += 2  # found from the old and from the new one
        if model.status is Status.Suspended:
            model.end(Status.CanceledForRestart)
        begun = Model(new, version or self.published, model.initiator, restarter=person)
        model.begin_anew(begun)
        return self.follow(begun)

    def _is_deleted(self, model: Model) -> None:
        self.audited[Operation.Deleted] += 1
        self.forget(model)


def _keys(rows: QuerySet[Instance]) -> list[int]:
    return sorted(rows.values_list("pk", flat=True))


def _rows(models: Iterable[Model]) -> list[int]:
    return sorted(model.row.pk for model in models)


@pytest.mark.django_db
@pytest.mark.timeout(900)
def test_random_walks(install: Install) -> None:
    outside = Outside()
    install(Effects.PURE, lambda _: Fail("out of order") if outside.is_out_of_order else Continue())
    run_state_machine_as_test(  # type: ignore[no-untyped-call]
        lambda: Walk(outside), settings=settings(max_examples=rounds(150), stateful_step_count=50)
    )
