"""Many instances by one call: an outcome for each, and nothing at all when the call itself is refused."""

from __future__ import annotations

import uuid

import pytest

from tests import builders
from tests import world as scenery
from tests.world import World
from workflows.actions import bulk
from workflows.actions.bulk import Action, in_bulk
from workflows.errors import DomainError, InvalidInput, NotFound, PermissionMissing, WrongState
from workflows.models import AuditEntry, Instance
from workflows.vocabulary.auditing import Operation
from workflows.vocabulary.statuses import InstanceStatus


def errors(results: list[bulk.Result]) -> list[type[DomainError] | None]:
    return [type(each.error) if each.error else None for each in results]


def failed(world: World) -> Instance:
    return scenery.enroll(world, csr=scenery.csr("not a host", dns=["www.keyexample.com"])).instance


def test_each_has_its_own_outcome_in_the_order_given(world: World) -> None:
    scenery.needs_approvals(world)
    waiting, refused = scenery.enroll(world).instance, failed(world)
    names = [str(refused.guid), str(waiting.pk), "nonsense", "9" * 40, "999999", str(uuid.uuid4())]
    results = in_bulk(Action.STOP, names, actor=world.actor("operator"))
    assert [each.name for each in results] == names
    assert [each.ok for each in results] == [False, True, False, False, False, False]
    assert errors(results) == [WrongState, None, InvalidInput, InvalidInput, NotFound, NotFound]
    assert builders.reload(waiting).status == InstanceStatus.Rejected


def test_the_same_one_is_taken_once_however_it_is_named(world: World) -> None:
    one = failed(world)
    names = [str(one.guid), str(one.pk), f"{{{str(one.guid).upper()}}}", f"0{one.pk}", str(one.guid)]
    results = in_bulk(Action.RESTART, names, actor=world.actor("operator"))
    assert errors(results) == [None, InvalidInput, InvalidInput, InvalidInput, InvalidInput]
    assert Instance.objects.count() == 2
    assert results[0].new is not None
    assert results[0].new.record.restarted_from_id == one.pk


def test_deleting_takes_the_finished_ones_and_audits_each(world: World) -> None:
    scenery.needs_approvals(world)
    waiting, done = scenery.enroll(world).instance, [failed(world) for _ in range(3)]
    names = [str(each.pk) for each in [*done, waiting]]
    results = in_bulk(Action.DELETE, names, actor=world.actor("operator"))
    assert errors(results) == [None, None, None, WrongState]
    assert Instance.objects.get() == waiting
    assert AuditEntry.objects.filter(operation=Operation.Deleted).count() == 3


@pytest.mark.parametrize("count", [0, bulk.LARGEST + 1])
def test_none_and_too_many_are_refused_as_a_whole(world: World, count: int) -> None:
    names = [str(failed(world).pk)] * count
    with pytest.raises(InvalidInput, match="between 1 and 500"):
        in_bulk(Action.RESTART, names, actor=world.actor("operator"))
    assert not AuditEntry.objects.filter(operation=Operation.Restarted).exists()


@pytest.mark.parametrize("action", Action)
def test_who_may_not_manage_is_refused_before_anything(world: World, action: Action) -> None:
    one = failed(world)
    builders.role("Managers", world.stranger, permissions=["/workflows/instances/manage/"])
    refused = ["requester", "approver"] + ["stranger"] * (action is Action.RESTART)
    for name in refused:
        with pytest.raises(PermissionMissing):
            in_bulk(action, [str(one.pk)], actor=world.actor(name))
    assert Instance.objects.count() == 1
