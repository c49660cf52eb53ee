"""Restarts of one request, one after another and never side by side (D4)."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone

from portal.presenters.instances import current_step
from tests import builders
from tests import world as scenery
from tests.world import World
from workflows.access.actors import Actor
from workflows.actions import approvals, instances, purging
from workflows.actions.bulk import Action, in_bulk
from workflows.actions.enrollment import Enrolled
from workflows.actions.purging import Rule
from workflows.engine.standing import goes_on
from workflows.errors import WrongState
from workflows.models import Instance
from workflows.vocabulary.statuses import InstanceStatus

Ending = Callable[[Instance], None]


@pytest.fixture
def operator(world: World) -> Actor:
    return world.actor("operator")


@pytest.fixture
def stopped(world: World, operator: Actor) -> Instance:
    scenery.needs_approvals(world)
    instance = scenery.enroll(world).instance
    instances.stop(instance.guid, actor=operator)
    return builders.reload(instance)


@pytest.fixture
def endings(world: World) -> dict[str, Ending]:
    step = {"step_name": "RequireApproval1", "actor": world.actor("approver")}
    return {
        "denied": lambda each: approvals.deny(each.guid, **step),
        "complete": lambda each: approvals.approve(each.guid, **step),
    }


def restart(instance: Instance, actor: Actor) -> Instance:
    new = instances.restart(instance.guid, actor=actor)
    builders.run_until_quiet()
    return builders.reload(new)


def refusal(instance: Instance, actor: Actor) -> str:
    """Of the action, which the menu agrees with."""
    assert not instances.abilities(builders.reload(instance), actor=actor).restart
    with pytest.raises(WrongState) as caught:
        instances.restart(instance.guid, actor=actor)
    return str(caught.value)


def test_none_begins_beside_one_that_lives(stopped: Instance, operator: Actor) -> None:
    first = restart(stopped, operator)
    told = f"It was restarted before and goes on as {first.pk} ({first.guid}), which is Suspended. Work on "
    assert refusal(stopped, operator) == f"{told}with that one."
    second = restart(first, operator)
    assert re.search(f"goes on as {second.pk} ", refusal(stopped, operator))
    (result,) = in_bulk(Action.RESTART, [str(stopped.pk)], actor=operator)
    assert type(result.error) is WrongState


def test_it_begins_again_where_the_other_was_stopped(stopped: Instance, operator: Actor) -> None:
    first = restart(stopped, operator)
    instances.stop(first.guid, actor=operator)
    assert instances.abilities(builders.reload(stopped), actor=operator).restart
    second = restart(stopped, operator)
    assert second.record.restarted_from_id == stopped.pk
    assert goes_on(stopped) == f" It goes on as {second.pk} ({second.guid})."


@pytest.mark.parametrize(
    ("ending", "reason"),
    [
        ("denied", "as {} the request was denied; it can only be made anew."),
        ("complete", "{}, which is Complete."),
    ],
)
def test_it_never_begins_again_where_the_request_was_decided(
    stopped: Instance, operator: Actor, endings: dict[str, Ending], ending: str, reason: str
) -> None:
    """A denial holds for the request, however often that was begun."""
    first = restart(stopped, operator)
    again = restart(first, operator)
    endings[ending](again)
    builders.run_until_quiet()
    assert reason.format(f"{again.pk} ({again.guid})") in refusal(stopped, operator)


def test_of_two_from_the_same_one_only_one_lives(stopped: Instance, operator: Actor) -> None:
    first = restart(stopped, operator)
    instances.stop(first.guid, actor=operator)
    second = restart(stopped, operator)
    assert f"goes on as {second.pk} " in refusal(first, operator)
    instances.stop(second.guid, actor=operator)
    third = restart(first, operator)
    for each in (stopped, second):
        assert f"goes on as {third.pk} " in refusal(each, operator)
        assert goes_on(builders.reload(each)) == f" It goes on as {third.pk} ({third.guid})."
    assert goes_on(third) == ""
    for each in (stopped, first, second):
        assert Enrolled(each.request, builders.reload(each)).successor == third


def test_a_link_that_is_deleted_breaks_no_chain(stopped: Instance, operator: Actor) -> None:
    first = restart(stopped, operator)
    second = restart(first, operator)
    instances.delete(first.guid, actor=operator)
    assert builders.reload(second).record.restarted_from_id == stopped.pk
    assert f"goes on as {second.pk} " in refusal(stopped, operator)
    instances.delete(stopped.guid, actor=operator)
    assert builders.reload(second).record.restarted_from_id is None


@pytest.mark.parametrize("is_purged", [False, True])
def test_siblings_still_find_each_other_when_the_first_is_deleted(
    stopped: Instance, operator: Actor, endings: dict[str, Ending], *, is_purged: bool
) -> None:
    first = restart(stopped, operator)
    instances.stop(first.guid, actor=operator)
    second = restart(stopped, operator)
    endings["denied"](second)
    if is_purged:
        Instance.objects.filter(pk=stopped.pk).update(status=InstanceStatus.Complete, was_stopped=False)
        old = Rule(timezone.now() + timedelta(hours=1), (InstanceStatus.Complete,))
        purging.purge(old, actor=operator)
    else:
        instances.delete(stopped.guid, actor=operator)
    assert not Instance.objects.filter(pk=stopped.pk).exists()
    assert f"as {second.pk} ({second.guid}) the request was denied" in refusal(first, operator)


def test_a_restart_moves_the_last_modification_of_the_old_one(stopped: Instance, operator: Actor) -> None:
    restart(stopped, operator)
    after = builders.reload(stopped)
    assert after.modified_at > stopped.modified_at
    assert (after.status, after.status_message) == (stopped.status, stopped.status_message)


def test_one_that_was_refused_at_once_still_was_at_no_step(world: World, operator: Actor) -> None:
    refused = scenery.enroll(world, csr=scenery.csr("not a host", dns=["www.keyexample.com"])).instance
    for _ in range(2):  # the new one is refused as well
        restart(refused, operator)
        assert current_step(builders.reload(refused)) == ""
    issued = scenery.enroll(world).instance
    assert current_step(issued) == issued.step_display_name != ""


def test_when_it_ended_is_no_more_told_once_it_goes_on(
    world: World, stopped: Instance, operator: Actor
) -> None:
    """Its last modification is the restart."""
    restart(stopped, operator)
    told = approvals.why_not(builders.reload(stopped), actor=world.actor("approver"))
    assert told == r"The instance was stopped by COUNTERSIGN\operator. It expects no signal."


def test_many_of_one_chain_begin_one(stopped: Instance, operator: Actor) -> None:
    first = restart(stopped, operator)
    instances.stop(first.guid, actor=operator)
    results = in_bulk(Action.RESTART, [str(stopped.pk), str(first.pk)], actor=operator)
    assert [each.ok for each in results] == [True, False]
