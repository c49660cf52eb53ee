"""Stop, restart, delete: when each is allowed and what it leaves (D3 to D6, D15)."""

from __future__ import annotations

import uuid

import pytest

from tests import builders
from tests import world as scenery
from tests.world import World
from workflows.access import policies
from workflows.actions import approvals, definitions, instances
from workflows.errors import InvalidInput, NotFound, PermissionMissing, SignalForbidden, WrongState
from workflows.models import (
    AuditEntry,
    Certificate,
    CertificateRequest,
    CertificateTemplate,
    Instance,
    PendingSignal,
    StepRun,
    StopRequest,
)
from workflows.vocabulary.auditing import Operation
from workflows.vocabulary.statuses import InstanceStatus, StepRunStatus
from workflows.vocabulary.workflow_types import WorkflowType


def suspended(world: World, approvals_needed: int = 1) -> Instance:
    scenery.needs_approvals(world, approvals_needed)
    return scenery.enroll(world).instance


def failed(world: World) -> Instance:
    """An enrollment that the template refuses before the first step."""
    return scenery.enroll(world, csr=scenery.csr("not a host", dns=["www.keyexample.com"])).instance


def test_a_subject_against_a_rule_fails_with_the_rules_own_words(world: World) -> None:
    instance = failed(world)
    assert instance.status == InstanceStatus.Failed
    assert instance.status_message == (
        "Pre-process failed: Invalid CN provided: Value must be a host name such as appsrvr12.keyexample.com."
    )
    assert CertificateRequest.objects.count() == 1
    assert not StepRun.objects.exists()


def test_stop_ends_a_suspended_instance(world: World) -> None:
    instance = suspended(world)
    instances.stop(instance.guid, actor=world.actor("operator"))
    instance = builders.reload(instance)
    assert instance.status == InstanceStatus.Rejected
    assert instance.status_message == r"Stopped by COUNTERSIGN\operator."
    assert instance.was_stopped
    assert not PendingSignal.objects.exists()
    assert not StopRequest.objects.exists()
    assert StepRun.objects.get(step_name="RequireApproval1").status == StepRunStatus.Stopped


def test_a_finished_instance_cannot_be_stopped(world: World) -> None:
    instance = failed(world)
    with pytest.raises(WrongState, match="Failed"):
        instances.stop(instance.guid, actor=world.actor("operator"))


def test_a_denied_request_cannot_be_restarted_but_a_stopped_one_can(world: World) -> None:
    instance = suspended(world)
    approvals.deny(instance.guid, actor=world.actor("approver"), step_name="RequireApproval1")
    builders.run_until_quiet()
    with pytest.raises(WrongState, match="denied"):
        instances.restart(instance.guid, actor=world.actor("operator"))
    other = scenery.enroll(world).instance
    instances.stop(other.guid, actor=world.actor("operator"))
    new = instances.restart(other.guid, actor=world.actor("operator"))
    assert builders.reload(other).status == InstanceStatus.Rejected
    assert new.record.restarted_from_id == other.pk


def test_restart_of_a_suspended_one_makes_a_new_one_on_the_published_version(world: World) -> None:
    old = suspended(world)
    operator = world.actor("operator")
    guid = old.version.definition.guid
    definitions.save_steps(guid, builders.chain(), actor=operator)
    definitions.publish(guid, actor=operator)
    with pytest.raises(InvalidInput, match="published version 2 only"):
        instances.restart(old.guid, actor=operator, version=1)
    new = instances.restart(old.guid, actor=operator)
    builders.run_until_quiet()
    old, new = builders.reload(old), builders.reload(new)
    assert old.status == InstanceStatus.CanceledForRestart
    assert (new.version.number, new.status) == (2, InstanceStatus.Complete)
    assert new.record.initiating_user_name == r"COUNTERSIGN\requester"
    assert new.record.initial_data == old.record.initial_data
    assert (new.guid, new.request_id) != (old.guid, None)
    assert not PendingSignal.objects.filter(instance=old).exists()
    entries = AuditEntry.objects.filter(operation=Operation.Restarted)
    assert {entry.immutable_identifier for entry in entries} == {str(old.guid), str(new.guid)}
    assert {entry.user_name for entry in entries} == {r"COUNTERSIGN\operator"}


def test_a_failed_one_may_take_its_original_version(world: World) -> None:
    version = scenery.needs_approvals(world)
    old = failed(world)
    operator = world.actor("operator")
    definitions.save_steps(version.definition.guid, builders.chain(), actor=operator)
    definitions.publish(version.definition.guid, actor=operator)
    assert instances.restart(old.guid, actor=operator, version=1).version.number == 1
    assert instances.restart(old.guid, actor=operator).version.number == 2
    with pytest.raises(InvalidInput, match="or the original 1"):
        instances.restart(old.guid, actor=operator, version=7)
    assert builders.reload(old).status == InstanceStatus.Failed


def test_restart_never_issues_a_second_certificate(world: World) -> None:
    """The instance fails after issuance; its restart finds the certificate of the request."""
    after = builders.step("NOOPStep", "After", Conditions=[{"Value": "$(nowhere)"}])
    key = str(CertificateTemplate.objects.get(common_name="WebServer").pk)
    enroll = builders.step("EnrollStep", "KeyfactorEnroll")
    builders.publish(builders.chain(enroll, after), WorkflowType.Enrollment, keys=[key])
    old = scenery.enroll(world).instance
    assert old.status == InstanceStatus.Failed
    new = instances.restart(old.guid, actor=world.actor("operator"))
    builders.run_until_quiet()
    assert Certificate.objects.count() == 1
    assert builders.reload(new).data["SerialNumber"] == old.data["SerialNumber"]


def test_a_running_one_is_stopped_before_it_is_restarted(world: World) -> None:
    running = builders.start(builders.publish(builders.noops(2)))
    with pytest.raises(WrongState, match=r"The instance is Running; stop it first, then restart it\."):
        instances.restart(running.guid, actor=world.actor("operator"))


def test_who_restarted_a_request_may_not_approve_it(world: World) -> None:
    world.approvers.members.add(world.operator)
    old = suspended(world)
    new = instances.restart(old.guid, actor=world.actor("operator"))
    builders.run_until_quiet()
    with pytest.raises(SignalForbidden, match="of his own"):
        approvals.approve(new.guid, actor=world.actor("operator"), step_name="RequireApproval1")


def test_whoever_restarts_the_request_stays_its_requesters(world: World) -> None:
    """Through two restarts by two people; and the requester approves neither."""
    world.approvers.members.add(world.requester)
    builders.role("More operators", world.stranger, permissions=["/workflows/instances/"])
    old = suspended(world)
    first = instances.restart(old.guid, actor=world.actor("operator"))
    builders.run_until_quiet()
    new = instances.restart(first.guid, actor=world.actor("stranger"))
    builders.run_until_quiet()
    assert new.record.title == old.record.title
    assert new.record.initiating_user_name == r"COUNTERSIGN\requester"
    mine = Instance.objects.filter(policies.created_by(world.actor("requester")))
    assert {each.pk for each in mine} == {old.pk, first.pk, new.pk}
    assert not Instance.objects.filter(policies.created_by(world.actor("operator"))).exists()
    with pytest.raises(SignalForbidden, match="of his own"):
        approvals.approve(new.guid, actor=world.actor("requester"), step_name="RequireApproval1")


def test_an_approval_counts_though_its_giver_is_disabled_since(world: World) -> None:
    """Who approves is judged when he does so; an instance whose approvals are doubted is restarted."""
    instance = suspended(world, 2)
    approvals.approve(instance.guid, actor=world.actor("approver"), step_name="RequireApproval1")
    world.approver.is_active = False
    world.approver.save()
    world.approvers.members.remove(world.approver)
    approvals.approve(instance.guid, actor=world.actor("second_approver"), step_name="RequireApproval1")
    builders.run_until_quiet()
    assert builders.reload(instance).status == InstanceStatus.Complete


def test_a_restart_asks_again_for_what_was_approved(world: World) -> None:
    old = suspended(world, 2)
    approvals.approve(old.guid, actor=world.actor("approver"), step_name="RequireApproval1")
    new = instances.restart(old.guid, actor=world.actor("operator"))
    builders.run_until_quiet()
    assert builders.reload(new).status_message == "Awaiting 2 more approval(s) from approval roles."


def test_restart_of_a_deleted_definition_is_refused_and_not_offered(world: World) -> None:
    old = suspended(world)
    operator = world.actor("operator")
    assert instances.abilities(builders.reload(old), actor=operator).restart
    definitions.delete(old.version.definition.guid, actor=operator)
    with pytest.raises(WrongState, match="deleted"):
        instances.restart(old.guid, actor=operator)
    assert not instances.abilities(builders.reload(old), actor=operator).restart
    assert builders.reload(old).status == InstanceStatus.Suspended


def test_delete_takes_only_finished_ones_and_keeps_the_certificate(world: World) -> None:
    waiting = suspended(world)
    with pytest.raises(WrongState, match="stop it first"):
        instances.delete(waiting.guid, actor=world.actor("operator"))
    approvals.approve(waiting.guid, actor=world.actor("approver"), step_name="RequireApproval1")
    builders.run_until_quiet()
    instances.delete(waiting.guid, actor=world.actor("operator"))
    assert not Instance.objects.exists()
    assert not StepRun.objects.exists()
    assert Certificate.objects.count() == CertificateRequest.objects.count() == 1
    assert AuditEntry.objects.get(operation=Operation.Deleted).before["Status"] == "Complete"


def test_who_may_look_and_who_may_manage(world: World) -> None:
    instance = suspended(world)
    for name in ("requester", "approver", "operator"):
        assert instances.visible(instance.guid, actor=world.actor(name)).pk == instance.pk
    for operation in (instances.stop, instances.restart, instances.delete):
        with pytest.raises(PermissionMissing, match="WorkflowInstances - Manage"):
            operation(instance.guid, actor=world.actor("requester"))
    with pytest.raises(PermissionMissing):
        instances.visible(instance.guid, actor=world.actor("stranger"))
    with pytest.raises(NotFound):
        instances.visible(uuid.uuid4(), actor=world.actor("requester"))
    builders.role("Other requesters", world.stranger, permissions=["/workflows/instances/read/mine/"])
    with pytest.raises(NotFound):
        instances.visible(instance.guid, actor=world.actor("stranger"))
