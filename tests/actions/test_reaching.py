"""Which of several instances a person reaches through an approval."""

from __future__ import annotations

import pytest

from tests import builders
from tests import world as scenery
from tests.world import World
from workflows.actions import approvals, instances
from workflows.actions.reaching import reachable_among
from workflows.models import Instance


@pytest.fixture
def three(world: World) -> list[Instance]:
    """One that asked nobody, one that asked, one that asks."""
    first = scenery.enroll(world).instance
    scenery.needs_approvals(world)
    asked, asks = (scenery.enroll(world).instance for _ in range(2))
    approvals.approve(asked.guid, actor=world.actor("approver"), step_name="RequireApproval1")
    builders.run_until_quiet()
    return [asks, first, asked]


@pytest.mark.parametrize(
    ("person", "found"),
    [
        ("stranger", ()),
        ("approver", (0, 2)),
        ("second_approver", (0, 2)),
        ("requester", (0, 1, 2)),
        ("operator", (0, 1, 2)),
    ],
)
def test_each_reaches_what_he_may_see_and_what_asks_or_asked_him(
    world: World, three: list[Instance], person: str, found: tuple[int, ...]
) -> None:
    assert reachable_among(three, world.actor(person)) == [three[number] for number in found]


def test_a_stopped_one_asked_too(world: World, three: list[Instance]) -> None:
    instances.stop(three[0].guid, actor=world.actor("operator"))
    builders.run_until_quiet()
    assert reachable_among(three[:1], world.actor("approver")) == three[:1]
    assert reachable_among([], world.actor("approver")) == []


def test_one_whose_approval_was_passed_over_asked_nobody(world: World) -> None:
    asked = builders.approval(roles=[world.approvers]) | {"Conditions": [{"Value": "1 == 2"}]}
    passed = builders.run(builders.publish(builders.chain(asked)))
    assert reachable_among([passed], world.actor("approver")) == []
