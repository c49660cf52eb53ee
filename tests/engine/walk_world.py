"""The people, roles and versions that random walks begin with, and what holds after every step of theirs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

import pytest
from django.db import transaction
from django.utils import timezone
from hypothesis.stateful import RuleBasedStateMachine, invariant

from tests import builders, moves
from tests.engine.walk_model import (
    APPROVERS,
    CHECK,
    EVERYBODY,
    MANAGERS,
    MINE,
    NEEDED,
    OPEN,
    PENDING,
    PLANS,
    READERS,
    TIMER,
    Model,
    Refusal,
)
from tests.engine.walk_rows import standings
from workflows.access import tokens
from workflows.access.actors import Actor, actor_for
from workflows.engine import documents
from workflows.errors import NotAuthenticated, PermissionMissing
from workflows.models import ApiToken, AuditEntry, Instance, Role, StepRun, StopRequest
from workflows.vocabulary.auditing import Operation
from workflows.vocabulary.permissions import Permission


@dataclass
class Outside:
    """What a step needs that is not ours."""

    is_out_of_order: bool = False


class World(RuleBasedStateMachine):
    """A definition of several versions, people with different rights, and a model of each instance."""

    def __init__(self, outside: Outside) -> None:
        super().__init__()
        self.outside = outside

    def prepare(self, published: int) -> None:
        self.undo = transaction.atomic()
        self.undo.__enter__()
        moves.guard()
        self.people = {name: builders.user(name) for name in EVERYBODY}
        self.tokens = {name: tokens.issue(self.people[name], name=name)[1] for name in EVERYBODY}
        self.disabled: list[str] = []  # those who were longest ago the first
        self.is_upgrading = False
        self.actors: dict[str, Actor] = {}
        self.models: list[Model] = []
        self.every: list[Model] = []  # those that are gone, too: what is done with them is refused
        self.audited: Counter[Operation] = Counter()
        self._make_roles()
        self._make_versions(published)

    def teardown(self) -> None:
        if hasattr(self, "undo"):
            transaction.set_rollback(True)
            self.undo.__exit__(None, None, None)

    @invariant()
    def rows_are_as_the_model_says(self) -> None:
        if hasattr(self, "models"):
            assert standings() == {model.row.pk: model.standing for model in self.models}

    @invariant()
    def nothing_is_left_over(self) -> None:
        if hasattr(self, "models"):
            assert not StopRequest.objects.exists()
            assert not StepRun.objects.exclude(instance__in=Instance.objects.all()).exists()

    @invariant()
    def one_at_most_of_all_restarts_goes_on_or_has_its_end(self) -> None:
        """What a request is for is never done twice."""
        for model in getattr(self, "models", []):
            assert sum(each.stands for each in model.chain()) <= 1

    @invariant()
    def what_was_done_and_nothing_else_is_audited(self) -> None:
        if hasattr(self, "audited"):
            entries = AuditEntry.objects.values_list("operation", flat=True)
            assert Counter(map(Operation, entries)) == self.audited

    @property
    def waiting(self) -> list[Model]:
        return [model for model in self.models if model.asks_at]

    def follow(self, model: Model) -> None:
        self.models.append(model)
        self.every.append(model)

    def pick(self, place: int) -> Model:
        """One of those that stand; one in four is one of all that there ever were."""
        number, is_any = divmod(place, 4)
        models = self.every if is_any == 3 or not self.models else self.models
        return models[number % len(models)]

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

    def comes_in(self, person: str) -> bool:
        """By his token; afterwards `actor` has his rights since they last changed."""
        if person not in self.actors:
            token = self.attempt(self.refusal_at_the_door(person), lambda: self._token(person))
            if isinstance(token, ApiToken):
                self.actors[person] = actor_for(token.user, token.scopes)
        return person in self.actors

    def refusal_at_the_door(self, person: str) -> Refusal:
        return NotAuthenticated if person in self.disabled else None

    def actor(self, person: str) -> Actor:
        return self.actors[person]

    def _token(self, person: str) -> ApiToken:
        return tokens.find(self.tokens[person], timezone.now())

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
        own = {"AllowSelfApproval": name == OPEN}
        step = builders.approval(name, roles=[self.role], MinimumApprovals=NEEDED[name], **own)
        if name == "Second":
            step["Signals"] = [{"SignalName": "ApprovalStatus", "RoleTokens": [self.role.name]}]
        return step

    def _role(self, name: str, members: tuple[str, ...], *permissions: str) -> Role:
        return builders.role(name, *(self.people[each] for each in members), permissions=permissions)
