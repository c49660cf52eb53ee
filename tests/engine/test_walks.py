"""Random walks: whatever people do to instances, in whatever order, they do what a small model says.

Few rules with many choices each: Hypothesis leaves some rules out of each walk.
"""

from __future__ import annotations

import pytest
from django.utils import timezone
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import initialize, precondition, rule, run_state_machine_as_test

from tests.engine.conftest import Install
from tests.engine.walk_looks import Looks
from tests.engine.walk_model import APPROVERS, EVERYBODY, MANAGERS, NEEDED, PLANS
from tests.engine.walk_world import Outside
from tests.rounds import rounds
from workflows.actions import definitions
from workflows.actions.bulk import Action
from workflows.engine.contracts import Continue, Effects, Fail
from workflows.errors import InvalidDefinition
from workflows.models import Instance
from workflows.vocabulary.auditing import Operation

OWN = "whose own it is"  # who made the request, or who restarted it
people = st.sampled_from(EVERYBODY)
managers = st.sampled_from(MANAGERS * 6 + EVERYBODY)  # mostly those who may
approvers = st.sampled_from((*APPROVERS, *APPROVERS, OWN, *EVERYBODY))
versions = st.sampled_from(sorted(PLANS))
ITS_OWN = 0  # the version that it began with
wanted_versions = st.sampled_from([None, None, ITS_OWN, ITS_OWN, *PLANS, 9])
actions = st.sampled_from([Action.RESTART, Action.RESTART, Action.STOP, Action.DELETE])
mostly = st.sampled_from([True, True, True, False])
places = st.integers(0, 39)  # see World.pick


class Walk(Looks):
    """Starts, turns, answers, stops, restarts, deletions, publications and changes of roles by anybody."""

    @initialize(
        published=versions, is_upgrading=st.booleans(), initiators=st.lists(people, min_size=1, max_size=4)
    )
    def begin(self, published: int, is_upgrading: bool, initiators: list[str]) -> None:
        self.prepare(published)
        self.is_upgrading = is_upgrading
        for initiator in initiators:
            self.start_one(initiator)
        self.let_time_pass(broken=False)
        for action in (Action.STOP, Action.RESTART, Action.RESTART):  # a chain with a link between others
            self.do_with_one(action, self.models[-1], "olga", None)
            self.take_turns()

    @rule(initiator=people, has_turns=mostly)
    def start(self, initiator: str, has_turns: bool) -> None:
        self.start_one(initiator)
        self.take_turns(has_turns)

    @rule(broken=st.booleans())
    def let_time_pass(self, broken: bool) -> None:
        """Timers run out, and something outside breaks or is mended."""
        self.outside.is_out_of_order, now = broken, timezone.now()
        Instance.objects.filter(ready_at__gt=now).update(ready_at=now)
        for model in self.models:
            model.pass_time()
        self.take_turns()

    @precondition(lambda self: self.waiting)
    @rule(place=places, person=approvers, approved=mostly, has_turns=mostly)
    def answer(self, place: int, person: str, approved: bool, has_turns: bool) -> None:
        """To the step where an instance waits."""
        model = self.waiting[place % len(self.waiting)]
        by = (model.restarter or model.initiator) if person == OWN else person
        self.decide(model, by, model.step, approved=approved)
        self.take_turns(has_turns)

    @rule(place=places, person=people, step=st.sampled_from(sorted(NEEDED)), approved=st.booleans())
    def answer_any(self, place: int, person: str, step: str, approved: bool) -> None:
        self.decide(self.pick(place), person, step, approved=approved)

    @rule(action=actions, place=places, person=managers, version=wanted_versions, has_turns=mostly)
    def operate(self, action: Action, place: int, person: str, version: int | None, has_turns: bool) -> None:
        model = self.pick(place)
        if action is Action.RESTART and model.asks_at:  # which takes the published version alone
            self.do_with_one(action, model, person, model.version)
        self.do_with_one(action, model, person, model.version if version == ITS_OWN else version)
        self.take_turns(has_turns)
        self.read_one("reader", model)

    @rule(action=actions, many=st.lists(places, max_size=4), person=managers, version=wanted_versions)
    def operate_on_many(self, action: Action, many: list[int], person: str, version: int | None) -> None:
        models = [self.pick(place) for place in many]
        wanted = models[0].version if models and version == ITS_OWN else version
        self.do_with_many(action, models, person, wanted or None)

    @precondition(lambda self: self.links())
    @rule(person=managers, place=places, count=st.integers(1, 2))
    def purge(self, person: str, place: int, count: int) -> None:
        """Old links of chains, one or two, mostly with something before them that stays."""
        if self.comes_in(person):
            links = self.links()
            self.purge_these(person, links[place % len(links) :][:count])

    @rule(number=versions, person=managers, enabled=st.booleans())
    def change_the_definition(self, number: int, person: str, enabled: bool) -> None:
        """Disabled, it starts nothing by itself; what has begun goes on, and begins anew."""
        if not self.comes_in(person):
            return
        guid, actor, refusal = self.definition.guid, self.actor(person), self.refusal(person, None)
        self.attempt(refusal, lambda: definitions.set_enabled(guid, enabled, actor=actor))
        if refusal is None:
            self.audited[Operation.Enabled if enabled else Operation.Disabled] += 1
        asked = max(NEEDED.get(step, 0) for step in PLANS[number])  # by a role that may hold fewer people
        is_tight = asked > len(self.approvers.difference(self.disabled))
        refusal = self.refusal(person, InvalidDefinition if is_tight else None)
        self.attempt(refusal, lambda: definitions.publish(guid, actor=actor, number=number))
        if refusal is None:
            self.audited[Operation.Published] += 1
            self.published = number

    @rule(person=people, is_asked=mostly)
    def change_a_person(self, person: str, is_asked: bool) -> None:
        """Who is in the role and may log in counts at the time of the answer; answers given before stay."""
        if is_asked:
            self.change_who_is_asked(person)
        else:
            self.change_who_may_come(person)

    @rule(person=people, place=places)
    def look(self, person: str, place: int) -> None:
        self.look_at_what_is_assigned(person)
        self.look_at_ones_own(person)
        self.read_one(person, self.pick(place))


@pytest.mark.django_db
@pytest.mark.timeout(900)
def test_random_walks(install: Install) -> None:
    outside = Outside()
    install(Effects.PURE, lambda _: Fail("out of order") if outside.is_out_of_order else Continue())
    run_state_machine_as_test(  # type: ignore[no-untyped-call]
        lambda: Walk(outside), settings=settings(max_examples=rounds(150, least=20), stateful_step_count=50)
    )
