"""What people do to the instances of a walk, and what they are refused: to the product and to the model."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from datetime import timedelta
from functools import partial

from django.conf import settings
from django.contrib import auth
from django.http import HttpRequest
from django.utils import timezone

from tests import builders
from tests.engine.walk_model import Model, Refusal, Status
from tests.engine.walk_world import World
from workflows.access import passwords
from workflows.access.actors import TIMER_SERVICE, Actor
from workflows.actions import approvals, bulk, instances, purge_now, users
from workflows.actions.bulk import Action
from workflows.actions.purging import Rule
from workflows.errors import InvalidInput, WrongState
from workflows.models import Instance, User
from workflows.vocabulary.auditing import Operation
from workflows.vocabulary.statuses import FINISHED

AGE = timedelta(days=2)  # what a purge takes
Refusals = Callable[[Model], Refusal]


class Deeds(World):
    def start_one(self, initiator: str) -> None:
        version = self.definition.versions.get(number=self.published)
        row = builders.start(version, initiator_id=self.people[initiator].pk)
        self.follow(Model(row, self.published, initiator))

    def change_who_is_asked(self, person: str) -> None:
        self.approvers ^= {person}
        self.role.members.set([self.people[name] for name in self.approvers])
        self.actors.clear()

    def change_who_may_come(self, person: str) -> None:
        """Disable him, or enable him again; no more than two stay away, so that the others' deeds go on."""
        self._knock(person)
        if person in self.disabled or len(self.disabled) > 1:
            person = person if person in self.disabled else self.disabled[0]
            self.disabled.remove(person)
        else:
            self.disabled.append(person)
        is_active = person not in self.disabled
        users.set_active(self.people[person].pk, is_active, actor=TIMER_SERVICE)
        self.audited[Operation.Enabled if is_active else Operation.Disabled] += 1
        self.actors.clear()
        self._knock(person)

    def _knock(self, person: str) -> None:
        """With a password that was right before, and with the session of a log-in that was."""
        refusal = self.refusal_at_the_door(person)
        known = partial(passwords.verify, person, builders.PASSWORD, address="127.0.0.1")
        self.attempt(refusal, lambda: known(now=timezone.now()))
        request = HttpRequest()
        request.session = _session(self.people[person])  # type: ignore[assignment]
        assert auth.get_user(request).is_authenticated == (refusal is None)

    def decide(self, model: Model, person: str, step: str, *, approved: bool) -> None:
        if not self.comes_in(person):
            return
        send = approvals.approve if approved else approvals.deny
        refusal, actor = model.refusal_of_answer(person, step, self.approvers), self.actor(person)
        self.attempt(refusal, lambda: send(model.row.guid, actor=actor, step_name=step))
        if refusal is None:
            self.audited[Operation.Approved if approved else Operation.Denied] += 1
            model.answer(person, step, approved)

    def do_with_one(self, action: Action, model: Model, person: str, version: int | None) -> None:
        if not self.comes_in(person):
            return
        refusal = self.refusal(person, self._refusals(action, version)(model))
        new = self.attempt(refusal, lambda: _carry_out(action, model, self.actor(person), version))
        if refusal is None:
            self._is_done(action, model, person, new, version)

    def do_with_many(self, action: Action, models: Sequence[Model], person: str, version: int | None) -> None:
        """Each has its own outcome, and is taken once."""
        if not self.comes_in(person):
            return
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

    def links(self) -> list[Model]:
        """What has ended between two that restarts tie; else what was restarted at all."""
        found = [model for model in self.models if model.is_finished and model.restarts]
        return [model for model in found if model.origin] or found

    def purge_these(self, person: str, models: Collection[Model]) -> None:
        """By their age: they alone have ended long ago."""
        refusal, now = self.refusal(person, None), timezone.now()
        if refusal is None:
            rows = Instance.objects.filter(pk__in=[model.row.pk for model in models])
            rows.update(started_at=now - AGE, modified_at=now - AGE)
        old = Rule(now - AGE / 2, tuple(FINISHED))
        self.attempt(refusal, lambda: purge_now.carry_out(old, actor=self.actor(person)))
        if refusal is None:
            self.audited[Operation.Deleted] += 1
            self.forget(*models)

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


def _session(person: User) -> dict[str, str]:
    """What that of a log-in holds."""
    backend = settings.AUTHENTICATION_BACKENDS[0]
    return {
        auth.SESSION_KEY: str(person.pk),
        auth.BACKEND_SESSION_KEY: backend,
        auth.HASH_SESSION_KEY: person.get_session_auth_hash(),
    }


def _carry_out(action: Action, model: Model, actor: Actor, version: int | None) -> Instance | None:
    guid = model.row.guid
    if action is Action.RESTART:
        return instances.restart(guid, actor=actor, version=version)
    (instances.stop if action is Action.STOP else instances.delete)(guid, actor=actor)
    return None
