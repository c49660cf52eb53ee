"""What people see during a walk: lists, one instance with its history, their own past decisions."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import QuerySet

from tests import builders
from tests.engine.walk_deeds import Deeds
from tests.engine.walk_model import PENDING, READERS, Model
from workflows.access import policies
from workflows.actions import decisions, histories
from workflows.errors import NotFound, PermissionMissing
from workflows.models import Instance, PendingSignal
from workflows.vocabulary.permissions import Permission

READ = Permission.WORKFLOW_INSTANCES_READ


class Looks(Deeds):
    def take_turns(self, has_turns: bool = True) -> None:
        """Let workers do what there is to do; then nobody but those who are asked finds it in his list.

        During an upgrade they are of the release before, and leave it to be looked up whose request it is.
        """
        if has_turns:
            builders.run_until_quiet()
            if self.is_upgrading:
                PendingSignal.objects.exclude(excluded_ids=[]).update(excluded_ids=None)
            for model in self.models:
                model.take_turn(is_out_of_order=self.outside.is_out_of_order)
            for person in sorted(self.approvers):
                self.look_at_what_is_assigned(person)

    def look_at_what_is_assigned(self, person: str) -> None:
        if not self.comes_in(person):
            return
        actor = self.actor(person)
        assigned = _keys(Instance.objects.filter(policies.assigned_to(actor)))
        assert assigned == _rows(m for m in self.models if m.is_assigned_to(person, self.approvers))
        assert policies.assigned_ids(actor, 100) == assigned[::-1]

    def look_at_ones_own(self, person: str) -> None:
        """What one has requested, and what one has decided, whatever has become of the instances."""
        if not self.comes_in(person):
            return
        mine = Instance.objects.filter(policies.created_by(self.actor(person)))
        assert _keys(mine) == _rows(m for m in self.models if m.initiator == person)
        refusal = None if person in (*READERS, PENDING) else PermissionMissing
        found = self.attempt(refusal, lambda: decisions.past_decisions(self.actor(person)))
        if isinstance(found, QuerySet):
            seen = found.values_list("instance", "step_name", "approved")
            assert sorted(seen) == sorted(self._given_by(person))

    def read_one(self, person: str, model: Model) -> None:
        """Lists and single answers show the same instances to everybody."""
        if not self.comes_in(person):
            return
        actor, guid = self.actor(person), model.row.guid
        if person == "stranger":
            self.attempt(PermissionMissing, lambda: policies.restrict(Instance.objects.all(), actor, READ))
            self.attempt(PermissionMissing, lambda: histories.history(guid, actor=actor))
            return
        seen = [each for each in self.models if each.is_seen_by(person, self.approvers)]
        assert _keys(policies.restrict(Instance.objects.all(), actor, READ)) == _rows(seen)
        refusal = None if model in seen else NotFound
        history = self.attempt(refusal, lambda: histories.history(guid, actor=actor))
        if isinstance(history, histories.History):
            self._tells(history, model)

    def _given_by(self, person: str) -> Iterable[tuple[int, str, bool]]:
        for model in self.models:
            for (by, step), approved in model.answers.items():
                if by == person:
                    yield model.row.pk, step, approved

    def _tells(self, history: histories.History, model: Model) -> None:
        """Where it came from, through whom, and what came of it."""
        came_from = [history.restarted_from.pk] if history.restarted_from else []
        assert came_from == ([model.origin.row.pk] if model.origin else [])
        restarter = self.people[model.restarter].account_name if model.restarter else None
        assert history.restarted_by == restarter
        assert [each.pk for each in history.restarted_as] == _rows(model.restarts)
        assert [run.step_name for run in history.steps] == [step for step, _ in model.history]
        assert len(history.decisions) == len(model.answers)


def _keys(rows: QuerySet[Instance]) -> list[int]:
    return sorted(rows.values_list("pk", flat=True))


def _rows(models: Iterable[Model]) -> list[int]:
    return sorted(model.row.pk for model in models)
