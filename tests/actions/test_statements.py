"""How many statements the most frequent actions send: what a request costs is mostly this."""

from __future__ import annotations

import pytest

from tests import statements
from tests import world as scenery
from tests.world import World
from workflows.actions import approvals, enrollment
from workflows.actions.enrollment_wishes import Wish
from workflows.engine import moving, turns
from workflows.models import (
    Certificate,
    Instance,
)


@pytest.fixture(autouse=True)
def _in_no_hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    """A slow machine must not divide a turn."""
    monkeypatch.setattr(moving, "BUDGET", 600)


def begin(world: World, count: int = 1) -> list[Instance]:
    """Enrollments that no worker has seen."""
    wishes = [Wish(template="WebServer", csr=scenery.csr()) for _ in range(count)]
    return [enrollment.enroll(wish, actor=world.actor("requester")).instance for wish in wishes]


def turn() -> list[str]:
    """What a worker sends in one turn."""
    with statements.sent() as found:
        assert turns.take_turn("interactive")
    return found


def test_an_enrollment_is_begun(world: World) -> None:
    begin(world)  # the process has now read what hardly changes
    csr, actor = scenery.csr(), world.actor("requester")
    with statements.sent() as found:
        enrollment.enroll(Wish(template="WebServer", csr=csr), actor=actor)
    assert len(found) == 7, found


def test_certificates_of_one_turn_share_its_statements(world: World) -> None:
    begin(world)
    turn()
    begin(world)
    alone = turn()
    begin(world, 5)
    together = turn()
    assert len(alone) == len(together) == 11, alone
    assert Certificate.objects.count() == 7


def test_an_approval_is_sent(world: World) -> None:
    scenery.needs_approvals(world)
    instances = begin(world, 2)
    turn()
    actor = world.actor("approver")
    approvals.approve(instances[0].guid, actor=actor, step_name="RequireApproval1")
    with statements.sent() as found:
        approvals.approve(instances[1].guid, actor=actor, step_name="RequireApproval1")
    assert len(found) == 10, found


@pytest.mark.parametrize("count", [1, 5])
def test_a_turn_after_approvals(world: World, count: int) -> None:
    scenery.needs_approvals(world)
    instances = begin(world, count)
    turn()
    for each in instances:
        approvals.approve(each.guid, actor=world.actor("approver"), step_name="RequireApproval1")
    found = turn()
    assert len(found) == 14, found
    assert Certificate.objects.count() == count
