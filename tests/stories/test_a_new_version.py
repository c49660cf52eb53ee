"""John's request waits with version 3 while version 4 is published ("Workflow Instances")."""

from __future__ import annotations

from tests.stories.telling import Story
from workflows.models import AuditEntry, Certificate, CertificateAuthority
from workflows.vocabulary.auditing import Operation

AWAITING = "Awaiting {} more approval(s) from approval roles."


def test_his_request_stays_valid_with_version_3(story: Story) -> None:
    before = story.request()
    story.publish(approvals=2)
    after = story.request()
    assert story.state(before) == ("Suspended", 3, AWAITING.format(1))
    assert story.state(after) == ("Suspended", 4, AWAITING.format(2))
    pinned = story.administrator.get(f"{story.definition}?definitionVersion=3").json()
    assert pinned["Steps"][1]["ConfigurationParameters"]["MinimumApprovals"] == 1
    assert story.approve(before) == story.approve(after) == 204
    assert story.state(before)[:2] == ("Complete", 3)
    assert story.state(after) == ("Suspended", 4, AWAITING.format(1))
    assert Certificate.objects.count() == 1


def test_a_draft_of_version_4_changes_nothing_yet(story: Story) -> None:
    story.save(approvals=2)
    assert story.state(story.request()) == ("Suspended", 3, AWAITING.format(1))


def test_the_suspended_one_restarts_on_version_4_and_no_other(story: Story) -> None:
    old = story.request()
    story.publish(approvals=2)
    for version in (1, 3, 5):
        refused = story.try_restart(old, version)
        assert (refused.status_code, refused.json()["ErrorCode"]) == (400, "0xC0010001")
        assert story.state(old) == ("Suspended", 3, AWAITING.format(1))
    new = story.restart(old)
    assert story.state(old)[0] == "CanceledForRestart"
    assert story.state(new) == ("Suspended", 4, AWAITING.format(2))
    assert story.assigned(story.approver) == [new]
    assert story.approve(old) == 409


def test_the_new_one_is_still_johns(story: Story) -> None:
    """Title, initiator and Created by Me are the requester's; neither he nor the restarter approves it."""
    old = story.request()
    story.role.members.add(*story.role.members.model.objects.filter(username__in=["requester", "operator"]))
    new = story.restart(old)
    before, after = story.see(old), story.see(new)
    assert (before["Title"], before["InitialData"]) == (after["Title"], after["InitialData"])
    mine = story.john.get("Workflow/Instances/My?SortField=ReferenceId").json()
    assert [row["Id"] for row in mine] == [old, new]
    assert story.approve(new, by=story.john) == story.approve(new, by=story.administrator) == 403
    assert story.approve(new) == 204
    assert story.state(new)[0] == "Complete"


def test_stop_edit_publish_restart(story: Story) -> None:
    old = story.request()
    story.stop(old)
    assert story.state(old) == ("Rejected", 3, r"Stopped by COUNTERSIGN\operator.")
    story.save(approvals=2)
    too_early = story.restart(old)
    assert story.state(too_early)[:2] == ("Suspended", 3)  # saved is not published
    story.publish(approvals=2)
    assert story.try_restart(old).status_code == 409  # that one goes on
    story.stop(too_early)
    new = story.restart(old)
    assert story.state(new) == ("Suspended", story.published, AWAITING.format(2))
    story.stop(new)
    assert story.state(story.restart(old, version=3)) == ("Suspended", 3, AWAITING.format(1))
    assert story.state(old)[0] == "Rejected"


def test_a_failed_one_restarts_on_the_current_or_its_original_version(story: Story) -> None:
    """The CA was not responding when the final approval was received."""
    old = story.request()
    CertificateAuthority.objects.filter(private_key__isnull=False).update(is_enabled=False)
    assert story.approve(old) == 204
    status, version, message = story.state(old)
    assert (status, version, message.endswith("is not running")) == ("Failed", 3, True)
    CertificateAuthority.objects.filter(private_key__isnull=False).update(is_enabled=True)
    story.publish(approvals=2)
    assert story.try_restart(old, version=2).status_code == 400
    current = story.restart(old)
    assert story.state(current) == ("Suspended", 4, AWAITING.format(2))
    failed, begun = story.see(old), story.see(current)  # anew from the beginning, not from the failure
    assert failed["CurrentStateData"]["ApprovalStatus"]["Approved"] == "True"
    assert begun["CurrentStateData"] == begun["InitialData"] == failed["InitialData"]
    story.stop(current)
    original = story.restart(old, version=3)
    assert story.state(original) == ("Suspended", 3, AWAITING.format(1))
    assert story.state(old)[:2] == ("Failed", 3)
    assert story.approve(original) == 204
    assert story.state(original)[0] == "Complete"


def test_only_one_certificate_comes_of_all_its_restarts(story: Story) -> None:
    first = story.request()
    second = story.restart(first)
    story.stop(second)
    third = story.restart(second)
    refused = story.try_restart(second)
    assert (refused.status_code, "Work on with that one" in refused.json()["Message"]) == (409, True)
    assert story.approve(third) == 204
    assert story.state(third)[0] == "Complete"
    assert story.try_restart(second).status_code == story.try_restart(first).status_code == 409
    assert Certificate.objects.count() == 1


def test_the_audit_log_tells_who_restarted_and_what_differs(story: Story) -> None:
    old = story.request()
    story.publish(approvals=2)
    new = story.restart(old)
    entry = AuditEntry.objects.get(operation=Operation.Restarted, immutable_identifier=new)
    assert entry.user_name == r"COUNTERSIGN\operator"
    assert entry.before is not None
    assert entry.after is not None
    assert (entry.before["Id"], entry.before["Version"]) == (old, 3)
    assert (entry.after["Id"], entry.after["Version"], entry.after["RestartedFrom"]) == (new, 4, old)
    assert entry.after["InitiatingUserName"] == r"COUNTERSIGN\requester"


def test_a_deleted_one_leaves_the_grid_and_an_entry(story: Story) -> None:
    instance = story.request()
    refused = story.administrator.delete(f"Workflow/Instances/{instance}")
    assert (refused.status_code, "stop it first" in refused.json()["Message"]) == (409, True)
    story.stop(instance)
    assert story.administrator.delete(f"Workflow/Instances/{instance}").status_code == 204
    assert story.administrator.get("Workflow/Instances").json() == []
    assert AuditEntry.objects.get(operation=Operation.Deleted).immutable_identifier == instance
