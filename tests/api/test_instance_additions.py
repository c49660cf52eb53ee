"""History, one's own decisions, operations on many, and what a restart changes: additions of ours."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.core.management import call_command

from tests import builders
from tests import world as scenery
from tests.api.clients import ApiClient
from tests.world import World
from workflows.actions import approvals
from workflows.models import AuditEntry, CertificateTemplate, Instance
from workflows.vocabulary.auditing import Operation
from workflows.vocabulary.statuses import InstanceStatus
from workflows.vocabulary.workflow_types import WorkflowType

Cast = Callable[..., ApiClient]
DECISIONS = "Workflow/Instances/Decisions"


@pytest.fixture
def suspended(world: World) -> Instance:
    scenery.needs_approvals(world)
    return scenery.enroll(world).instance


def answer(world: World, instance: Instance, *, approve: bool = True) -> None:
    decide = approvals.approve if approve else approvals.deny
    decide(instance.guid, actor=world.actor("approver"), step_name="RequireApproval1", comment="Seen")
    builders.run_until_quiet()


def history(client: ApiClient, instance: Instance) -> Any:
    found = client.get(f"Workflow/Instances/{instance.guid}/History")
    assert found.status_code == 200, found.content
    return found.json()


def bulk(client: ApiClient, action: str, *names: object) -> list[dict[str, Any]]:
    done = client.post(f"Workflow/Instances/{action}", {"Ids": list(names)})
    assert done.status_code == 200, done.content
    found: list[dict[str, Any]] = done.json()["Results"]
    return found


class TestHistory:
    def test_it_has_attempts_and_decisions(self, cast: Cast, world: World, suspended: Instance) -> None:
        answer(world, suspended)
        found = history(cast("operator"), suspended)
        assert found["InitiatingUserName"] == r"COUNTERSIGN\requester"
        names = [step["StepUniqueName"] for step in found["Steps"]]
        assert names == ["StartNOOP", "RequireApproval1", "KeyfactorEnroll", "EndNOOP"]
        assert {step["Status"] for step in found["Steps"]} == {"Done"}
        assert found["Steps"][2]["Changes"]["SerialNumber"]
        assert all(step["EndDate"] >= step["StartDate"] for step in found["Steps"])
        [decision] = found["Decisions"]
        assert decision.pop("DecidedOn").endswith("Z")
        assert len(decision.pop("ContentHash")) == 64
        assert decision == {
            "StepUniqueName": "RequireApproval1",
            "SignalName": "ApprovalStatus",
            "UserName": r"COUNTERSIGN\approver",
            "Approved": True,
            "Comment": "Seen",
        }

    def test_conditions_come_with_the_values_they_saw(self, cast: Cast, world: World) -> None:
        key = str(CertificateTemplate.objects.get(common_name="WebServer").pk)
        condition = [{"Value": '$(template) == "Another"'}]
        skipped = builders.step("NOOPStep", "Maybe", Conditions=condition)
        builders.publish(builders.chain(skipped), WorkflowType.Enrollment, keys=[key])
        found = history(cast("operator"), scenery.enroll(world).instance)
        step = next(each for each in found["Steps"] if each["StepUniqueName"] == "Maybe")
        assert step["Status"] == "Skipped"
        [evaluated] = step["Conditions"]
        assert evaluated["Condition"] == condition[0]["Value"]
        assert (evaluated["Result"], list(evaluated["Inputs"].values())) == (False, ["WebServer"])

    def test_mails_are_told_with_what_became_of_them(self, cast: Cast, world: World) -> None:
        key = str(CertificateTemplate.objects.get(common_name="WebServer").pk)
        asking = builders.approval(roles=[world.approvers], NotifyApprovers=True)
        builders.publish(builders.chain(asking), WorkflowType.Enrollment, keys=[key])
        mails = history(cast("operator"), scenery.enroll(world).instance)["Mails"]
        people = ["approver@keyexample.com", "second_approver@keyexample.com"]
        assert sorted(mail["Recipients"][0] for mail in mails) == people
        mail = mails[0]
        assert mail["Subject"] == "Your approval is awaited"
        assert (mail["Status"], mail["SentOn"], mail["Error"]) == ("Queued", None, "")

    def test_a_restart_links_both_ways(self, cast: Cast, suspended: Instance) -> None:
        operator = cast("operator")
        operator.post(f"Workflow/Instances/{suspended.guid}/Restart")
        new = Instance.objects.latest("pk")
        old, begun = history(operator, suspended), history(operator, new)
        assert [each["Id"] for each in old["RestartedAs"]] == [str(new.guid)]
        assert (old["RestartedFrom"], old["RestartedBy"], begun["RestartedAs"]) == (None, None, [])
        assert begun["RestartedFrom"]["ReferenceId"] == suspended.pk
        assert begun["RestartedFrom"]["Status"] == "CanceledForRestart"
        assert begun["RestartedBy"] == r"COUNTERSIGN\operator"
        assert begun["InitiatingUserName"] == r"COUNTERSIGN\requester"

    def test_the_command_line_is_named_where_it_restarted(self, cast: Cast, suspended: Instance) -> None:
        call_command("instances", "restart", str(suspended.pk), "--yes")
        new = Instance.objects.latest("pk")
        assert history(cast("operator"), new)["RestartedBy"].startswith("Command line (")
        forgotten = builders.start(suspended.version, restarted_from_id=suspended.pk)
        assert history(cast("operator"), forgotten)["RestartedBy"] is None

    def test_it_is_shown_to_whoever_may_see_the_instance(
        self, cast: Cast, world: World, suspended: Instance
    ) -> None:
        path = f"Workflow/Instances/{suspended.pk}/History"
        statuses = {name: cast(name).get(path).status_code for name in ("requester", "approver", "stranger")}
        assert statuses == {"requester": 200, "approver": 200, "stranger": 403}
        answer(world, suspended)
        assert cast("approver").get(path).status_code == 404

    def test_numbers_stand_for_statuses_at_the_other_mount(self, cast: Cast, suspended: Instance) -> None:
        found = history(cast("operator", "/KeyfactorAPI/"), suspended)
        assert (found["Status"], [step["Status"] for step in found["Steps"]]) == (2, [3, 2])


class TestDecisions:
    def test_ones_own_stay_readable_when_the_instance_is_not(
        self, cast: Cast, world: World, suspended: Instance
    ) -> None:
        answer(world, suspended)
        [found] = cast("approver").get(DECISIONS).json()
        assert cast("approver").get(f"Workflow/Instances/{found['Id']}").status_code == 404
        assert (found["Id"], found["ReferenceId"]) == (str(suspended.guid), suspended.pk)
        assert (found["Approved"], found["Comment"], found["Status"]) == (True, "Seen", "Complete")
        assert found["Title"].startswith(r"COUNTERSIGN\requester is enrolling")
        assert found["Definition"]["Version"] == 1

    def test_only_ones_own(self, cast: Cast, world: World, suspended: Instance) -> None:
        answer(world, suspended)
        for name in ("second_approver", "operator"):
            found = cast(name).get(DECISIONS)
            assert (found.status_code, found.json(), found["x-total-count"]) == (200, [], "0")
        for name in ("requester", "stranger"):
            assert cast(name).get(DECISIONS).status_code == 403

    def test_they_are_searched_sorted_and_paged(self, cast: Cast, world: World, suspended: Instance) -> None:
        others = [scenery.enroll(world).instance for _ in range(2)]
        for instance in (suspended, *others):
            answer(world, instance, approve=instance != others[0])
        approver = cast("approver")

        def ids(query: str) -> list[int]:
            found = approver.get(f"{DECISIONS}?{query}")
            assert found.status_code == 200, found.content
            return [each["ReferenceId"] for each in found.json()]

        everything = [suspended.pk, *(each.pk for each in others)]
        assert ids("") == everything
        assert ids("SortAscending=1") == everything[::-1]
        assert ids("ReturnLimit=1&PageReturned=2") == everything[1:2]
        assert ids("QueryString=Approved -eq false") == [others[0].pk]
        assert ids("QueryString=Status -eq Rejected AND Comment -contains see") == [others[0].pk]
        assert ids(f"QueryString=Id -eq {others[1].guid}") == [others[1].pk]
        assert ids("QueryString=DecidedOn -lt 1901-01-01") == []
        assert ids("QueryString=Title -startswith COUNTERSIGN&SortField=Title") == everything
        assert approver.get(f"{DECISIONS}?QueryString=Secret -eq 1").status_code == 400

    def test_a_list_costs_the_same_whatever_its_length(
        self, cast: Cast, world: World, suspended: Instance, django_assert_max_num_queries: Any
    ) -> None:
        for instance in [suspended, *(scenery.enroll(world).instance for _ in range(4))]:
            answer(world, instance)
        cast("approver").get(f"{DECISIONS}?ReturnLimit=1")  # hashes the password, reads the version
        with django_assert_max_num_queries(6):
            assert len(cast("approver").get(DECISIONS).json()) == 5


class TestMany:
    def test_each_has_its_own_outcome(self, cast: Cast, world: World, suspended: Instance) -> None:
        other = scenery.enroll(world).instance
        answer(world, other, approve=False)
        unknown = "6b1b9f0c-8a51-4b62-9d3c-2a6e2d6b7f10"
        results = bulk(cast("operator"), "Stop", str(suspended.guid), other.pk, unknown, "x", -1, 10**30)
        assert [each["Id"] for each in results] == [
            str(suspended.guid),
            str(other.pk),
            unknown,
            "x",
            "-1",
            str(10**30),
        ]
        assert [each["Succeeded"] for each in results] == [True, False, False, False, False, False]
        assert [each["ErrorCode"] for each in results] == [
            None,
            "0xC0050001",
            "0xC0040001",
            "0xC0010001",
            "0xC0010001",
            "0xC0010001",
        ]
        assert "only running and suspended" in results[1]["Message"]
        assert builders.reload(suspended).status == InstanceStatus.Rejected

    def test_restarts_name_the_new_ones(self, cast: Cast, suspended: Instance) -> None:
        first, second = bulk(cast("operator"), "Restart", suspended.pk, str(suspended.guid))
        new = Instance.objects.latest("pk")
        assert first["NewInstance"]["Id"] == str(new.guid)
        assert (second["Succeeded"], second["NewInstance"]) == (False, None)
        assert "twice" in second["Message"]
        assert Instance.objects.count() == 2

    def test_finished_ones_are_deleted(self, cast: Cast, world: World, suspended: Instance) -> None:
        other = scenery.enroll(world).instance
        answer(world, other)
        results = bulk(cast("operator"), "Delete", other.pk, suspended.pk)
        assert [each["Succeeded"] for each in results] == [True, False]
        assert Instance.objects.get() == suspended
        assert AuditEntry.objects.filter(operation=Operation.Deleted).count() == 1

    def test_a_body_of_the_wrong_shape_changes_nothing(self, cast: Cast, suspended: Instance) -> None:
        operator = cast("operator")
        for ids in ([], "1", None, list(range(1, 502))):
            for action in ("Stop", "Restart", "Delete"):
                refused = operator.post(f"Workflow/Instances/{action}", {"Ids": ids})
                assert (refused.status_code, bool(refused.json()["Message"])) == (400, True), ids
        for body in (None, [], {}, {"Ids": [1], "ids": [suspended.pk]}):
            assert operator.post("Workflow/Instances/Stop", body).status_code == 400
        assert Instance.objects.get().status == InstanceStatus.Suspended

    def test_what_is_no_id_is_refused_by_itself(self, cast: Cast, suspended: Instance) -> None:
        names = [99999999, "x", "", " ", None, True, 1.5, [1], {"Id": 1}, suspended.pk]
        results = bulk(cast("operator"), "Stop", *names)
        assert [each["Id"] for each in results[2:8]] == ["", "", "null", "true", "1.5", "[1]"]
        assert [each["ErrorCode"] for each in results] == ["0xC0040001", *["0xC0010001"] * 8, None]
        assert Instance.objects.get().status == InstanceStatus.Rejected

    def test_all_restart_on_the_version_that_is_named(
        self, cast: Cast, world: World, suspended: Instance
    ) -> None:
        operator, other = cast("operator"), scenery.enroll(world).instance
        bulk(operator, "Stop", other.pk)
        definition = f"Workflow/Definitions/{suspended.version.definition.guid}"
        operator.put(f"{definition}/Steps", builders.chain())
        operator.post(f"{definition}/Publish")
        body = {"Ids": [suspended.pk, other.pk], "Version": 1}
        held, begun = operator.post("Workflow/Instances/Restart", body).json()["Results"]
        assert (held["ErrorCode"], begun["Succeeded"]) == ("0xC0010001", True)
        new = Instance.objects.latest("pk")
        assert new.version.number == 1
        bulk(operator, "Stop", new.pk)  # a successor that lives would be the reason of the next refusal
        nine = operator.post("Workflow/Instances/Restart", {**body, "Version": 9}).json()["Results"]
        assert [each["ErrorCode"] for each in nine] == ["0xC0010001", "0xC0010001"]
        assert operator.post("Workflow/Instances/Restart", {**body, "Version": "x"}).status_code == 400

    def test_only_managers(self, cast: Cast, suspended: Instance) -> None:
        for name in ("requester", "approver", "stranger"):
            for action in ("Stop", "Restart", "Delete"):
                refused = cast(name).post(f"Workflow/Instances/{action}", {"Ids": [suspended.pk]})
                assert refused.status_code == 403
        assert Instance.objects.get().status == InstanceStatus.Suspended


class TestDifferenceOfARestart:
    def test_a_weaker_version_is_warned_of_and_nothing_changes(
        self, cast: Cast, world: World, suspended: Instance
    ) -> None:
        operator = cast("operator")
        definition = f"Workflow/Definitions/{suspended.version.definition.guid}"
        operator.put(f"{definition}/Steps", builders.chain())
        operator.post(f"{definition}/Publish")
        found = operator.get(f"Workflow/Instances/{suspended.pk}/Restart").json()
        assert (found["From"], found["To"]) == (1, 2)
        assert (found["ApprovalsAskedBefore"], found["ApprovalsAskedAfter"], found["ApprovalsGiven"]) == (
            1,
            0,
            0,
        )
        assert found["Warnings"] == ["Version 2 asks for 0 approval(s), version 1 for 1."]
        kinds = {step["UniqueName"]: step["Kind"] for step in found["Steps"]}
        assert kinds["RequireApproval1"] == "Removed"
        assert Instance.objects.get().status == InstanceStatus.Suspended

    def test_it_follows_the_rules_of_restart(self, cast: Cast, world: World, suspended: Instance) -> None:
        path = f"Workflow/Instances/{suspended.pk}/Restart"
        assert cast("operator").get(f"{path}?version=2").status_code == 400
        assert cast("operator").get("Workflow/Instances/x/Restart").status_code == 400
        assert cast("requester").get(path).status_code == 403
        answer(world, suspended)
        assert cast("operator").get(path).status_code == 409
