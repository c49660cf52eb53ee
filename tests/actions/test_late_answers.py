"""What somebody learns whose answer comes too late, or from the wrong person: what became of the step."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from tests import builders
from tests import world as scenery
from tests.world import World
from workflows.access.actors import actor_for
from workflows.actions import approvals, instances
from workflows.errors import (
    AlreadyDecided,
    DomainError,
    InvalidSignal,
    NotFound,
    SignalForbidden,
    WrongState,
)
from workflows.models import CertificateTemplate, Instance
from workflows.vocabulary.statuses import InstanceStatus
from workflows.vocabulary.workflow_types import WorkflowType

KEY = "RequireApproval1.ApprovalStatus"
WHEN = r"\d{4}-\d\d-\d\d \d\d:\d\d UTC"


def approve(world: World, instance: Instance, by: str = "approver", key: str = KEY) -> None:
    approvals.signal(instance.guid, key, {"Approved": True}, actor=world.actor(by))
    builders.run_until_quiet()


def refusal(
    world: World, instance: Instance, error: type[DomainError] = WrongState, by: str = "second_approver"
) -> str:
    with pytest.raises(DomainError) as caught:
        approve(world, instance, by)
    assert type(caught.value) is error
    return str(caught.value)


@pytest.fixture
def half(world: World) -> Instance:
    """One of its two approvals is given."""
    scenery.needs_approvals(world, 2)
    instance = scenery.enroll(world).instance
    approve(world, instance)
    return instance


def test_a_stopped_one_was_decided_by_nobody(world: World, half: Instance) -> None:
    instances.stop(half.guid, actor=world.actor("operator"))
    told = rf"The instance was stopped by COUNTERSIGN\\operator on {WHEN}\. It expects no signal\."
    assert re.fullmatch(told, refusal(world, half))
    assert re.fullmatch(told, approvals.why_not(builders.reload(half), actor=world.actor("second_approver")))


def test_a_restarted_one_names_the_one_that_goes_on(world: World, half: Instance) -> None:
    first = instances.restart(half.guid, actor=world.actor("operator"))
    builders.run_until_quiet()
    last = instances.restart(first.guid, actor=world.actor("operator"))
    assert re.fullmatch(
        rf"The instance was restarted on {WHEN}\. It expects no signal\. "
        rf"It goes on as {last.pk} \({last.guid}\)\.",
        refusal(world, half),
    )


def test_a_restarted_one_says_so_and_is_sent_on_from_every_operation(world: World, half: Instance) -> None:
    operator = world.actor("operator")
    new = instances.restart(half.guid, actor=operator)
    old = builders.reload(half)
    assert old.status == InstanceStatus.CanceledForRestart
    assert old.status_message == f"Restarted by COUNTERSIGN\\operator as {new.pk}."
    for operation in (instances.stop, instances.restart):
        with pytest.raises(WrongState, match=rf"It goes on as {new.pk} \({new.guid}\)\."):
            operation(half.guid, actor=operator)


def test_a_denial_is_told_with_its_moment(world: World, half: Instance) -> None:
    approvals.deny(half.guid, actor=world.actor("second_approver"), step_name="RequireApproval1")
    builders.run_until_quiet()
    told = refusal(world, half, AlreadyDecided)
    assert re.search(rf"already decided: denied by COUNTERSIGN\\second_approver on {WHEN}\.$", told)


def test_a_deadline_is_told_for_what_it_is(world: World) -> None:
    asking = builders.approval(roles=[world.approvers], MinimumApprovals=2, DeadlineHours=4)
    key = str(CertificateTemplate.objects.get(common_name="WebServer").pk)
    builders.publish(builders.chain(asking), WorkflowType.Enrollment, keys=[key])
    instance = scenery.enroll(world).instance
    approve(world, instance)
    pass_deadline(instance)
    told = refusal(world, instance, AlreadyDecided)
    assert told.endswith("already decided: Denied automatically: nobody decided within 4 hour(s).")


@pytest.fixture
def by_name(world: World) -> Instance:
    """It asks the approvers by a role token, and the bosses as well once its deadline has passed."""
    asking = builders.approval(
        roles=[],
        MinimumApprovals=2,
        DeadlineHours=4,
        OnDeadline="Escalate",
        EscalationRole="Bosses",
    )
    asking["Signals"][0] = {"SignalName": "ApprovalStatus", "RoleTokens": ["$(Department)"]}
    builders.role("Bosses", world.stranger)
    version = builders.publish(builders.chain(asking))
    return builders.run(version, {"Department": "Approvers"})


def pass_deadline(instance: Instance) -> None:
    past = timezone.now() - timedelta(hours=5)
    instance.step_runs.filter(step_name="RequireApproval1").update(started_at=past)
    Instance.objects.update(ready_at=past)
    builders.run_until_quiet()


def test_whom_a_role_token_asked_learns_who_decided(world: World, by_name: Instance) -> None:
    with pytest.raises(NotFound):
        approve(world, by_name, "stranger")
    approvals.deny(by_name.guid, actor=world.actor("approver"), step_name="RequireApproval1")
    builders.run_until_quiet()
    for late in ("approver", "second_approver"):
        assert "denied by COUNTERSIGN\\approver" in refusal(world, by_name, AlreadyDecided, late)
    with pytest.raises(NotFound):
        approve(world, by_name, "stranger")


def test_whom_an_escalation_asked_learns_who_decided(world: World, by_name: Instance) -> None:
    pass_deadline(by_name)
    approve(world, by_name, "stranger")
    approve(world, by_name, "approver")
    assert builders.reload(by_name).status == InstanceStatus.Complete
    for late in ("stranger", "second_approver"):
        assert "approved by COUNTERSIGN\\approver" in refusal(world, by_name, AlreadyDecided, late)


def test_a_failed_one_is_told_with_its_reason(world: World, half: Instance) -> None:
    half.step_runs.filter(step_name="RequireApproval1").update(status=5)
    Instance.objects.filter(pk=half.pk).update(
        status=InstanceStatus.Failed, status_message="Step 'Approve' failed: no role is left."
    )
    assert re.match(
        rf"The instance failed on {WHEN}: Step 'Approve' failed: no role is left\. It expects no",
        refusal(world, half),
    )


def test_the_right_key_is_named(world: World, half: Instance) -> None:
    with pytest.raises(WrongState, match=f"not at 'Other'. Its SignalKey is {KEY}"):
        approve(world, half, "second_approver", "Other.ApprovalStatus")
    with pytest.raises(InvalidSignal, match=r"takes no signal 'X'\. It takes ApprovalStatus"):
        approve(world, half, "second_approver", "RequireApproval1.X")


def test_a_step_that_is_behind_names_the_one_that_waits(world: World, half: Instance) -> None:
    with pytest.raises(WrongState, match=f"waits at step 'RequireApproval1', not at 'StartNOOP'. .* {KEY}"):
        approve(world, half, "second_approver", "StartNOOP.ApprovalStatus")


def test_who_may_not_answer_learns_who_may(world: World, half: Instance) -> None:
    told = refusal(world, half, SignalForbidden, by="operator")
    assert told.endswith(f"holds no role that this step asks: {world.approvers.name}.")


def test_tokens_are_told_what_would_do(world: World, half: Instance) -> None:
    robot = builders.user("robot", is_service=True)
    world.approvers.members.add(robot)
    narrow = actor_for(world.second_approver, ["/workflows/"])
    for actor, words in ((narrow, "Use a token that has this scope"), (builders.actor(robot), "Log in as a")):
        with pytest.raises(SignalForbidden, match=words):
            approvals.signal(half.guid, KEY, {"Approved": True}, actor=actor)
