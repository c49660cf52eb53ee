"""What a restart changes is said before it, and kept with it: steps, data, approvals."""

from __future__ import annotations

from tests import builders
from tests import world as scenery
from tests.world import World
from workflows.actions import approvals, definitions, instances
from workflows.actions.restart_differences import RestartDifference, restart_difference
from workflows.engine.comparing import Change
from workflows.models import AuditEntry, Instance
from workflows.vocabulary.auditing import Operation

ENDS_BADLY = builders.step("NOOPStep", "After", Conditions=[{"Value": "$(nowhere)"}])


def publish(instance: Instance, world: World, *steps: builders.Step) -> None:
    guid = instance.version.definition.guid
    definitions.save_steps(guid, builders.chain(*steps), actor=world.actor("operator"))
    definitions.publish(guid, actor=world.actor("operator"))


def approval(world: World, count: int, **parameters: object) -> builders.Step:
    return builders.approval(roles=[world.approvers], MinimumApprovals=count, **parameters)


def difference(instance: Instance, world: World, number: int | None = None) -> RestartDifference:
    instance = builders.reload(instance)
    version = instances.restart_version(instance, number)
    return restart_difference(instance, version, actor=world.actor("operator"))


def test_the_same_version_changes_no_step_and_warns_of_nothing(world: World) -> None:
    scenery.needs_approvals(world, 2)
    waiting = scenery.enroll(world).instance
    approvals.approve(waiting.guid, actor=world.actor("approver"), step_name="RequireApproval1", comment="ok")
    found = difference(waiting, world)
    assert (found.steps, found.warnings, found.approvals_given) == ([], [], 1)
    lost = {"Approved": "True", "Comment": "ok"}
    assert found.data == [
        Change("ApprovalStatus", lost, None),
        Change("approvalsignalcmnts", "ok", None),
    ]


def test_a_version_that_asks_fewer_approvals_is_warned_of(world: World) -> None:
    scenery.needs_approvals(world, 2)
    waiting = scenery.enroll(world).instance
    publish(waiting, world, approval(world, 1, AllowSelfApproval=True))
    found = difference(waiting, world)
    assert [step.unique_name for step in found.steps] == ["RequireApproval1"]
    assert (found.approvals_before.asked, found.approvals_after.asked) == (2, 1)
    assert found.warnings == [
        "Version 2 asks for 1 approval(s), version 1 for 2.",
        "Version 2 lets people approve their own requests, version 1 does not.",
    ]


def test_a_failed_one_is_warned_when_its_published_version_is_the_weaker(world: World) -> None:
    """It may take its own version, which asks as many as it did."""
    scenery.needs_approvals(world, 2, after=[ENDS_BADLY])
    old = scenery.enroll(world).instance
    for name in ("approver", "second_approver"):
        approvals.approve(old.guid, actor=world.actor(name), step_name="RequireApproval1")
    builders.run_until_quiet()
    disabled = approval(world, 2)
    disabled["Enabled"] = False
    publish(old, world, disabled)
    assert difference(old, world).warnings == ["Version 2 asks for 0 approval(s), version 1 for 2."]
    assert difference(old, world, 1).warnings == []
    assert "ApprovalStatus" in {change.field for change in difference(old, world).data}


def test_the_audit_log_keeps_the_difference_and_the_warning(world: World) -> None:
    scenery.needs_approvals(world, 2)
    old = scenery.enroll(world).instance
    publish(old, world, approval(world, 1))
    expected = difference(old, world).document()
    new = instances.restart(old.guid, actor=world.actor("operator"))
    entry = AuditEntry.objects.get(operation=Operation.Restarted, immutable_identifier=str(new.guid))
    assert entry.after["Difference"] == expected
    assert expected["Version"] == {"From": 1, "To": 2}
    assert expected["Steps"] == [
        {
            "UniqueName": "RequireApproval1",
            "Kind": "Changed",
            "Changes": [
                {
                    "Field": "ConfigurationParameters.MinimumApprovals",
                    "From": 2,
                    "To": 1,
                    "IsWithheld": False,
                }
            ],
        }
    ]
    assert expected["Warnings"] == ["Version 2 asks for 1 approval(s), version 1 for 2."]


def test_values_are_withheld_from_who_reads_no_definitions_and_kept_in_the_audit_log(world: World) -> None:
    scenery.needs_approvals(world, 2)
    old = scenery.enroll(world).instance
    publish(old, world, approval(world, 1))
    rights = ["/workflows/instances/manage/", "/workflows/instances/read/"]
    builders.role("Managers", world.stranger, permissions=rights)
    manager, version = world.actor("stranger"), instances.restart_version(builders.reload(old), None)
    found = restart_difference(builders.reload(old), version, actor=manager)
    field = "ConfigurationParameters.MinimumApprovals"
    assert found.steps[0].changes == (Change(field, None, None, is_withheld=True),)
    assert found.warnings == ["Version 2 asks for 1 approval(s), version 1 for 2."]
    new = instances.restart(old.guid, actor=manager)
    entry = AuditEntry.objects.get(operation=Operation.Restarted, immutable_identifier=str(new.guid))
    (kept,) = entry.after["Difference"]["Steps"][0]["Changes"]
    assert (kept["From"], kept["To"]) == (2, 1)
