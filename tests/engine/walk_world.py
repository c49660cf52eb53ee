"""The people, roles and versions that random walks begin with, and what holds after every step of theirs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

import pytest
from django.db import transaction
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant

from tests import builders, moves
from tests.engine.walk_model import (
    APPROVERS,
    CHECK,
    EVERYBODY,
    MANAGERS,
    MINE,
    NEEDED,
    PENDING,
    PLANS,
    READERS,
    TIMER,
    Model,
    Refusal,
    Status,
)
from workflows.access.actors import Actor
from workflows.engine import documents
from workflows.errors import PermissionMissing
from workflows.models import AuditEntry, Instance, PendingSignal, Role, SignalDecision, StepRun, StopRequest
from workflows.vocabulary.auditing import Operation
from workflows.vocabulary.permissions import Permission
from workflows.vocabulary.statuses import StepRunStatus


@dataclass
class Outside:
    """What a step needs that is not ours."""

    is_out_of_order: bool = False


class World(RuleBasedStateMachine):
    """A definition of several versions, people with different rights, and a model of each instance."""

    def __init__(self, outside: Outside) -> None:
        super().__init__()
        self.outside = outside

    @initialize(published=st.sampled_from(sorted(PLANS)), is_out_of_order=st.booleans())
    def prepare(self, published: int, is_out_of_order: bool) -> None:
        self.undo = transaction.atomic()
        self.undo.__enter__()
        moves.guard()
        self.outside.is_out_of_order = is_out_of_order
        self.people = {name: builders.user(name) for name in EVERYBODY}
        self.models: list[Model] = []
        self.audited: Counter[Operation] = Counter()
        self._make_roles()
        self._make_versions(published)

    def teardown(self) -> None:
        if hasattr(self, "undo"):
            transaction.set_rollback(True)
            self.undo.__exit__(None, None, None)

    @invariant()
    def rows_are_as_the_model_says(self) -> None:
        for model in getattr(self, "models", []):
            row = builders.reload(model.row)
            assert (Status(row.status), row.step_name) == (model.status, model.step)
            assert (row.ready_at is not None) == (model.is_ready or model.is_pausing)
            assert (row.version.number, row.was_stopped) == (model.version, model.was_stopped)
            assert row.record.restarted_from_id == (model.origin.row.pk if model.origin else None)
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

    def follow(self, model: Model) -> Model:
        self.models.append(model)
        return model

    def forget(self, *models: Model) -> None:
        for model in models:
            model.go()
            self.models.remove(model)

    def refusal(self, person: str, otherwise: Refusal) -> Refusal:
        return otherwise if person in MANAGERS else PermissionMissing

    def attempt(self, refusal: Refusal, work: Callable[[], object]) -> object:
        """Do it; it is refused for that reason, or not at all."""
        if refusal is None:
            return work()
        with pytest.raises(refusal):
            work()
        return None

    def actor(self, person: str) -> Actor:
        return builders.actor(self.people[person])

    def _make_roles(self) -> None:
        self._role("readers", READERS, Permission.WORKFLOW_INSTANCES_READ)
        self._role("requesters", (MINE,), Permission.WORKFLOW_INSTANCES_READ_MINE)
        self._role("answering", (PENDING,), Permission.WORKFLOW_INSTANCES_READ_PENDING)
        manage = (Permission.WORKFLOW_INSTANCES_MANAGE, Permission.WORKFLOW_DEFINITIONS_MODIFY)
        self._role("managers", MANAGERS, *manage)
        self.approvers = set(APPROVERS)
        self.role = self._role("approvers", APPROVERS)

    def _make_versions(self, published: int) -> None:
        self.definition = builders.publish(self._steps(1)).definition
        for number in sorted(PLANS)[1:]:
            prepared = documents.prepare(self.definition.workflow_type, self._steps(number))
            self.definition.versions.create(number=number, display_name="A workflow", steps=prepared)
        self.definition.published = self.definition.versions.get(number=published)
        self.definition.save()
        self.published = published

    def _steps(self, number: int) -> list[builders.Step]:
        own = {
            TIMER: builders.step("Wait", TIMER, ConfigurationParameters={"Days": 5}),
            CHECK: builders.step("Scripted", CHECK),
        }
        return builders.chain(*(own.get(name) or self._approval(name) for name in PLANS[number]))

    def _approval(self, name: str) -> builders.Step:
        """The second one calls the role by its name."""
        step = builders.approval(name, roles=[self.role], MinimumApprovals=NEEDED[name])
        if name == "Second":
            step["Signals"] = [{"SignalName": "ApprovalStatus", "RoleTokens": [self.role.name]}]
        return step

    def _role(self, name: str, members: tuple[str, ...], *permissions: str) -> Role:
        return builders.role(name, *(self.people[each] for each in members), permissions=permissions)
