"""Approvals, from the request to the certificate."""

from __future__ import annotations

import pytest

from tests import builders
from tests import world as scenery
from tests.world import World
from workflows.access.actors import actor_for
from workflows.actions import approvals, definitions, instances
from workflows.errors import (
    AlreadyDecided,
    ContentChanged,
    InvalidSignal,
    NotFound,
    SignalForbidden,
    WrongState,
)
from workflows.models import (
    AuditEntry,
    Certificate,
    CertificateTemplate,
    Instance,
    Notification,
    PendingSignal,
    SignalDecision,
    StepRun,
)
from workflows.vocabulary.auditing import Operation
from workflows.vocabulary.statuses import InstanceStatus
from workflows.vocabulary.workflow_types import WorkflowType

KEY = "RequireApproval1.ApprovalStatus"


def approve(world: World, instance: Instance, by: str = "approver", **data: object) -> None:
    approvals.signal(instance.guid, KEY, {"Approved": "True", **data}, actor=world.actor(by))
    builders.run_until_quiet()


def test_without_a_definition_of_its_own_a_template_is_issued_at_once(world: World) -> None:
    enrolled = scenery.enroll(world)
    assert enrolled.instance.status == InstanceStatus.Complete
    assert enrolled.instance.status_message == "Issued"
    assert enrolled.certificate is not None
    assert enrolled.instance.data["SerialNumber"] == enrolled.certificate.serial_number


def test_an_approval_lets_the_certificate_be_issued(world: World) -> None:
    scenery.needs_approvals(world)
    instance = scenery.enroll(world).instance
    assert instance.status == InstanceStatus.Suspended
    assert instance.status_message == "Awaiting 1 more approval(s) from approval roles."
    approve(world, instance, Comment="Checked with the owner")
    instance = builders.reload(instance)
    assert instance.status == InstanceStatus.Complete
    assert instance.data["approvalsignalcmnts"] == "Checked with the owner"
    assert Certificate.objects.get().intent_digest == SignalDecision.objects.get().content_digest
    assert not PendingSignal.objects.exists()
    assert AuditEntry.objects.filter(operation=Operation.Approved).count() == 1


@pytest.mark.parametrize(
    ("scopes", "may_sign"),
    [
        (["/workflows/instances/read/pending/"], False),
        (["/workflows/", "/certificates/enrollment/"], False),
        (["/certificates/requests/manage/"], True),
        (["/"], True),
        ([], True),
    ],
)
def test_a_token_signs_only_within_its_scopes(world: World, scopes: list[str], may_sign: bool) -> None:
    scenery.needs_approvals(world)
    instance = scenery.enroll(world).instance
    actor = actor_for(world.approver, scopes)
    assert (approvals.why_not(instance, actor=actor) == "") == may_sign
    data = {"Approved": "True"}
    if may_sign:
        approvals.signal(instance.guid, KEY, data, actor=actor)
    else:
        with pytest.raises(SignalForbidden, match="scopes of this token"):
            approvals.signal(instance.guid, KEY, data, actor=actor)
    assert SignalDecision.objects.exists() == may_sign


def test_the_comments_of_earlier_steps_stay(world: World) -> None:
    second = builders.approval("Second", roles=[world.approvers])
    third = builders.approval("Third", roles=[world.approvers])
    scenery.needs_approvals(world, after=[second, third])
    instance = scenery.enroll(world).instance
    approve(world, instance, Comment="Checked")
    for step_name, comment in (("Second", ""), ("Third", "Not today")):
        decide = approvals.approve if step_name == "Second" else approvals.deny
        decide(instance.guid, actor=world.actor("approver"), step_name=step_name, comment=comment)
        builders.run_until_quiet()
    assert builders.reload(instance).data["approvalsignalcmnts"] == "Checked\nNot today"


def test_two_approvals_are_counted_one_by_one(world: World) -> None:
    scenery.needs_approvals(world, 2)
    instance = scenery.enroll(world).instance
    approve(world, instance)
    instance = builders.reload(instance)
    assert instance.status_message == "Awaiting 1 more approval(s) from approval roles."
    assert not Certificate.objects.exists()
    approve(world, instance, "second_approver")
    assert builders.reload(instance).status == InstanceStatus.Complete


def test_one_denial_ends_it(world: World) -> None:
    scenery.needs_approvals(world, 2)
    instance = scenery.enroll(world).instance
    approvals.deny(
        instance.guid, actor=world.actor("approver"), step_name="RequireApproval1", comment="Wrong department"
    )
    builders.run_until_quiet()
    instance = builders.reload(instance)
    assert instance.status == InstanceStatus.Rejected
    assert instance.status_message == f"Workflow rejected by user with Id {world.approver.pk}."
    assert instance.data["approvalsignalcmnts"] == "Wrong department"
    assert not instance.was_stopped


def test_a_denial_is_the_end_before_a_worker_has_come(world: World) -> None:
    """Neither a stop nor a restart comes between, and the mail about it is written with it."""
    steps = builders.chain(
        builders.approval(roles=[world.approvers], MinimumApprovals=2, DenialEmailRecipients=["a@b.example"])
    )
    key = str(CertificateTemplate.objects.get(common_name="WebServer").pk)
    builders.publish(steps, WorkflowType.Enrollment, keys=[key])
    instance = scenery.enroll(world).instance
    approvals.deny(instance.guid, actor=world.actor("approver"), step_name="RequireApproval1")
    operator = world.actor("operator")
    for refused in (instances.stop, instances.restart):
        with pytest.raises(WrongState, match=r"is Rejected|was denied"):
            refused(instance.guid, actor=operator)
    instance = builders.reload(instance)
    assert instance.status_message == f"Workflow rejected by user with Id {world.approver.pk}."
    assert not instance.was_stopped
    assert Notification.objects.get(instance=instance).recipients == ["a@b.example"]


def test_one_with_enough_approvals_awaits_no_more(world: World) -> None:
    scenery.needs_approvals(world)
    instance = scenery.enroll(world).instance
    approvals.approve(instance.guid, actor=world.actor("approver"), step_name="RequireApproval1")
    instance = builders.reload(instance)
    assert (instance.status, instance.status_message) == (InstanceStatus.Running, "")


def test_nobody_answers_twice(world: World) -> None:
    scenery.needs_approvals(world, 2)
    instance = scenery.enroll(world).instance
    approve(world, instance)
    with pytest.raises(AlreadyDecided, match="answered this step already"):
        approve(world, instance)
    assert SignalDecision.objects.count() == 1


def test_who_comes_late_learns_who_decided(world: World) -> None:
    scenery.needs_approvals(world)
    instance = scenery.enroll(world).instance
    approve(world, instance)
    with pytest.raises(AlreadyDecided, match=r"approved by COUNTERSIGN\\approver"):
        approve(world, instance, "second_approver")


def test_nobody_approves_his_own_request(world: World) -> None:
    world.approvers.members.add(world.requester)
    scenery.needs_approvals(world)
    instance = scenery.enroll(world).instance
    with pytest.raises(SignalForbidden, match="of his own"):
        approve(world, instance, "requester")
    assert not SignalDecision.objects.exists()


def test_a_reader_without_the_role_is_refused_and_a_stranger_sees_nothing(world: World) -> None:
    scenery.needs_approvals(world)
    instance = scenery.enroll(world).instance
    with pytest.raises(SignalForbidden):
        approve(world, instance, "operator")
    with pytest.raises(NotFound):
        approve(world, instance, "stranger")


@pytest.mark.parametrize(
    ("key", "data", "error"),
    [
        ("ApprovalStatus", {"Approved": "True"}, InvalidSignal),
        ("RequireApproval1.Nothing", {"Approved": "True"}, InvalidSignal),
        ("EndNOOP.ApprovalStatus", {"Approved": "True"}, WrongState),
        (KEY, {}, InvalidSignal),
        (KEY, {"Approved": "perhaps"}, InvalidSignal),
        (KEY, {"Approved": "False", "approved": "True"}, InvalidSignal),
        (KEY, {"Approved": 1}, InvalidSignal),
        (KEY, {"Approved": True, "Comment": 7}, InvalidSignal),
        (KEY, {"Approved": True, "Comment": "x" * 4001}, InvalidSignal),
    ],
)
def test_unusable_signals_change_nothing(
    world: World, key: str, data: dict[str, object], error: type[Exception]
) -> None:
    scenery.needs_approvals(world)
    instance = scenery.enroll(world).instance
    with pytest.raises(error):
        approvals.signal(instance.guid, key, data, actor=world.actor("approver"))
    assert not SignalDecision.objects.exists()
    assert builders.reload(instance).status == InstanceStatus.Suspended


def test_names_of_signals_and_data_are_matched_without_case(world: World) -> None:
    scenery.needs_approvals(world)
    instance = scenery.enroll(world).instance
    approvals.signal(
        instance.guid, KEY.lower(), {"approved": "true", "comment": ""}, actor=world.actor("approver")
    )
    assert SignalDecision.objects.get().approved


def test_an_approval_of_what_was_shown_before_a_change_is_refused(world: World) -> None:
    scenery.needs_approvals(world)
    instance = scenery.enroll(world).instance
    with pytest.raises(ContentChanged):
        approve(world, instance, ContentHash="0" * 64)
    CertificateTemplate.objects.filter(common_name="WebServer").update(validity_days=30)
    with pytest.raises(ContentChanged, match="restarted"):
        approve(world, instance)


def test_a_template_changed_after_the_approval_stops_the_issuance(world: World) -> None:
    later = builders.step("RequireApproval", "Second", DisplayName="Second")
    later["Signals"] = [{"SignalName": "ApprovalStatus", "RoleIds": [world.approvers.pk]}]
    scenery.needs_approvals(world, after=[later])
    instance = scenery.enroll(world).instance
    approve(world, instance)
    CertificateTemplate.objects.filter(common_name="WebServer").update(validity_days=30)
    StepRun.objects.filter(step_name="Second").update(
        content_digest=approvals.live_digest(builders.reload(instance))
    )
    approvals.signal(
        instance.guid, "Second.ApprovalStatus", {"Approved": True}, actor=world.actor("second_approver")
    )
    builders.run_until_quiet()
    instance = builders.reload(instance)
    assert instance.status == InstanceStatus.Failed
    assert instance.status_message.startswith(
        r"Step 'Keyfactor-Enroll' failed: what COUNTERSIGN\approver approved"
    )
    assert not Certificate.objects.exists()


def test_a_waiting_request_stays_with_its_version(world: World) -> None:
    version = scenery.needs_approvals(world)
    instance = scenery.enroll(world).instance
    admin = world.actor("operator")
    definitions.save_steps(version.definition.guid, builders.chain(), actor=admin)
    definitions.publish(version.definition.guid, actor=admin)
    approve(world, instance)
    instance = builders.reload(instance)
    assert (instance.version.number, instance.status) == (1, InstanceStatus.Complete)


def test_the_mail_about_a_denial_tells_why(world: World) -> None:
    """The comment exists only at the end of the wait that the mail belongs to."""
    steps = builders.chain(
        builders.approval(
            roles=[world.approvers],
            DenialEmailSubject="Denied",
            DenialEmailMessage="<p>$(approvalsignalcmnts)</p>",
            DenialEmailRecipients=["$(RequesterEmail)"],
        )
    )
    key = str(CertificateTemplate.objects.get(common_name="WebServer").pk)
    builders.publish(steps, WorkflowType.Enrollment, keys=[key])
    enrolled = scenery.enroll(world)
    assert enrolled.instance.status == InstanceStatus.Suspended
    approvals.deny(
        enrolled.instance.guid,
        actor=world.actor("approver"),
        step_name="RequireApproval1",
        comment="No such team.",
    )
    builders.run_until_quiet()
    assert "No such team." in Notification.objects.get(instance=enrolled.instance).html
