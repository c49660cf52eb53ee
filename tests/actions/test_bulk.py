"""Many instances by one call: an outcome for each, and nothing at all when the call itself is refused."""

from __future__ import annotations

import contextlib
import uuid
from collections.abc import Iterator

import psycopg
import pytest
from django.db import connection

from tests import builders
from tests import world as scenery
from tests.world import World
from workflows.actions import bulk, definitions
from workflows.actions.bulk import Action, in_bulk
from workflows.errors import (
    DomainError,
    InvalidInput,
    NotFound,
    PermissionMissing,
    Unavailable,
    Unexpected,
    WrongState,
)
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


def test_what_is_gone_by_now_is_named_twice_all_the_same(world: World) -> None:
    one = failed(world)
    names = [str(one.guid), str(one.guid), str(one.pk), "999999", "999999"]
    results = in_bulk(Action.DELETE, names, actor=world.actor("operator"))
    assert errors(results) == [None, InvalidInput, InvalidInput, NotFound, InvalidInput]


def test_a_restart_onto_a_weaker_version_is_warned_of(world: World) -> None:
    version = scenery.needs_approvals(world, 2)
    one = scenery.enroll(world).instance
    operator = world.actor("operator")
    definitions.save_steps(version.definition.guid, builders.chain(), actor=operator)
    definitions.publish(version.definition.guid, actor=operator)
    [result] = in_bulk(Action.RESTART, [str(one.pk)], actor=operator)
    assert result.warnings == ["Version 2 asks for 0 approval(s), version 1 for 2."]


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


def test_a_fault_at_one_loses_the_outcome_of_no_other(world: World) -> None:
    first, broken, last = (failed(world) for _ in range(3))
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
            "RAISE EXCEPTION 'broken'; END $$"
        )
        cursor.execute(
            "CREATE TRIGGER refuse BEFORE DELETE ON workflows_instance FOR EACH ROW "
            f"WHEN (OLD.id = {broken.pk}) EXECUTE FUNCTION refuse()"
        )
    names = [str(each.pk) for each in (first, broken, last)]
    results = in_bulk(Action.DELETE, names, actor=world.actor("operator"))
    assert errors(results) == [None, Unexpected, None]
    assert Instance.objects.get() == broken


@contextlib.contextmanager
def held(instance: Instance) -> Iterator[None]:
    """Somebody else has the instance locked, and this connection is not patient."""
    with connection.cursor() as cursor:
        cursor.execute("SET lock_timeout = '50ms'")
    with psycopg.connect(**connection.get_connection_params(), autocommit=False) as other:
        other.execute("SELECT FROM workflows_instance WHERE id = %s FOR UPDATE", [instance.pk])
        yield
    with connection.cursor() as cursor:
        cursor.execute("RESET lock_timeout")


@pytest.mark.django_db(transaction=True)
def test_one_in_other_hands_keeps_no_other_from_its_turn() -> None:
    """Both committed: what the first one's error undid is its own."""
    version = builders.publish(builders.noops(2))
    first, second = builders.run(version), builders.run(version)
    manager = builders.user("manager")
    builders.role("Managers", manager, permissions=["/workflows/"])
    with held(first):
        names = [str(first.pk), str(second.pk)]
        results = in_bulk(Action.DELETE, names, actor=builders.actor(manager))
    assert errors(results) == [Unavailable, None]
    assert Instance.objects.get() == first
