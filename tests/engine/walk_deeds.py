"""What people do to the instances of a walk, and what they are refused: to the product and to the model."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from tests import builders
from tests.engine.walk_model import Model, Refusal, Status
from tests.engine.walk_world import World
from workflows.access.actors import Actor
from workflows.actions import approvals, bulk, instances
from workflows.actions.bulk import Action
from workflows.errors import InvalidInput, WrongState
from workflows.models import Instance
from workflows.vocabulary.auditing import Operation

Refusals = Callable[[Model], Refusal]


class Deeds(World):
    def start_one(self, initiator: str) -> None:
        version = self.definition.versions.get(number=self.published)
        row = builders.start(version, initiator_id=self.people[initiator].pk)
        self.follow(Model(row, self.published, initiator))

    def decide(self, model: Model, person: str, step: str, *, approved: bool) -> None:
        send = approvals.approve if approved else approvals.deny
        refusal, actor = model.refusal_of_answer(person, step, self.approvers), self.actor(person)
        self.attempt(refusal, lambda: send(model.row.guid, actor=actor, step_name=step))
        if refusal is None:
            self.audited[Operation.Approved if approved else Operation.Denied] += 1
            model.answer(person, step, approved)

    def do_with_one(self, action: Action, model: Model, person: str, version: int | None) -> None:
        refusal = self.refusal(person, self._refusals(action, version)(model))
        new = self.attempt(refusal, lambda: _carry_out(action, model, self.actor(person), version))
        if refusal is None:
            self._is_done(action, model, person, new, version)

    def do_with_many(self, action: Action, models: Sequence[Model], person: str, version: int | None) -> None:
        """Each has its own outcome, and is taken once."""
        actor, names = self.actor(person), [str(model.row.guid) for model in models]
        refusal, refusal_of = (
            self.refusal(person, None if models else InvalidInput),
            self._refusals(action, version),
        )
        expected = [
            InvalidInput if model in models[:place] else refusal_of(model)
            for place, model in enumerate(models)
        ]
        results = self.attempt(refusal, lambda: bulk.in_bulk(action, names, actor=actor, version=version))
        if not isinstance(results, list):
            return
        assert [type(each.error) if each.error else None for each in results] == expected
        for model, each in zip(models, results, strict=True):
            if each.ok:
                self._is_done(action, model, person, each.new, version)

    def _refusals(self, action: Action, version: int | None) -> Refusals:
        restarts = self._refusals_of_restarts(version)
        return {
            Action.STOP: Model.refusal_of_stop,
            Action.RESTART: restarts,
            Action.DELETE: Model.refusal_of_delete,
        }[action]

    def _refusals_of_restarts(self, version: int | None) -> Refusals:
        """Of several in this order: a chain of restarts goes on once."""
        begun: list[Model] = []

        def refusal_of(model: Model) -> Refusal:
            refusal = model.refusal_of_restart(version, self.published)
            if refusal is None and model.is_finished:
                refusal = WrongState if any(each in begun for each in model.chain()) else None
                begun.append(model)
            return refusal

        return refusal_of

    def _is_done(self, action: Action, model: Model, person: str, new: object, version: int | None) -> None:
        if action is Action.STOP:
            self.audited[Operation.Stopped] += 1
            model.end(Status.Rejected)
        elif action is Action.DELETE:
            self.audited[Operation.Deleted] += 1
            self.forget(model)
        else:
            self._is_restarted(model, person, new, version)

    def _is_restarted(self, model: Model, person: str, new: object, version: int | None) -> None:
        assert isinstance(new, Instance)
        self.audited[Operation.Restarted] += 2  # found from the old and from the new one
        if model.status is Status.Suspended:
            model.end(Status.CanceledForRestart)
        begun = Model(new, version or self.published, model.initiator, restarter=person)
        model.begin_anew(begun)
        self.follow(begun)


def _carry_out(action: Action, model: Model, actor: Actor, version: int | None) -> Instance | None:
    guid = model.row.guid
    if action is Action.RESTART:
        return instances.restart(guid, actor=actor, version=version)
    (instances.stop if action is Action.STOP else instances.delete)(guid, actor=actor)
    return None
