"""A person's own decisions: his alone, and readable after the instance has gone on."""

from __future__ import annotations

import pytest
from pytest_django import DjangoAssertNumQueries

from tests import builders
from tests import world as scenery
from tests.world import World
from workflows.actions import approvals, instances
from workflows.actions.decisions import past_decisions
from workflows.errors import NotFound, PermissionMissing
from workflows.models import Instance


def decided(world: World, *, approve: bool) -> Instance:
    """A request that `approver` has answered and that has ended since."""
    instance = scenery.enroll(world).instance
    decide = approvals.approve if approve else approvals.deny
    decide(instance.guid, actor=world.actor("approver"), step_name="RequireApproval1", comment="seen")
    builders.run_until_quiet()
    return instance


def test_they_stay_readable_when_the_instance_does_not(world: World) -> None:
    scenery.needs_approvals(world)
    approved, denied = decided(world, approve=True), decided(world, approve=False)
    me = world.actor("approver")
    with pytest.raises(NotFound):
        instances.visible(approved.guid, actor=me)
    found = list(past_decisions(me))
    assert [(each.instance_id, each.approved) for each in found] == [(denied.pk, False), (approved.pk, True)]
    assert {each.comment for each in found} == {"seen"}
    assert found[0].instance.record.title == denied.record.title


def test_nobody_reads_those_of_others(world: World) -> None:
    scenery.needs_approvals(world)
    decided(world, approve=True)
    assert not past_decisions(world.actor("second_approver")).exists()
    assert not past_decisions(world.actor("operator")).exists()
    for name in ("requester", "stranger"):
        with pytest.raises(PermissionMissing):
            past_decisions(world.actor(name))


def test_they_cost_one_query_and_leave_the_data_alone(
    world: World, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    scenery.needs_approvals(world)
    decided(world, approve=True)
    rows = past_decisions(world.actor("approver"))
    with django_assert_num_queries(1) as captured:
        [(each.instance.status, each.instance.version.definition.workflow_type) for each in rows]
    assert '"initial_data"' not in captured.captured_queries[0]["sql"]
