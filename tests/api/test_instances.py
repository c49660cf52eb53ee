"""/Workflow/Instances: lists and scopes, one instance, signals, stop, restart, delete."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests import builders
from tests import world as scenery
from tests.api.clients import ApiClient
from tests.world import World
from workflows.models import Definition, Instance, SignalDecision, StepRun
from workflows.vocabulary.statuses import InstanceStatus

Cast = Callable[..., ApiClient]
UNKNOWN = "Workflow/Instances/6b1b9f0c-8a51-4b62-9d3c-2a6e2d6b7f10"
KEY = "RequireApproval1.ApprovalStatus"
APPROVE = {"SignalKey": KEY, "Data": {"Approved": "True", "Comment": "Fine"}}


@pytest.fixture
def suspended(world: World) -> Instance:
    scenery.needs_approvals(world, 2)
    return scenery.enroll(world).instance


@pytest.fixture
def failed(world: World) -> Instance:
    csr = scenery.csr("not a host", dns=["www.keyexample.com"])
    return scenery.enroll(world, csr=csr).instance


def path(instance: Instance, *parts: str) -> str:
    return "/".join(("Workflow/Instances", str(instance.guid), *parts))


def ids(client: ApiClient, address: str) -> list[str]:
    return [row["Id"] for row in client.get(address).json()]


def test_one_instance_shows_where_it_stands(cast: Cast, suspended: Instance) -> None:
    found = cast("operator").get(path(suspended)).json()
    assert found["Status"] == "Suspended"
    assert found["StatusMessage"] == "Awaiting 2 more approval(s) from approval roles."
    assert (found["CurrentStepUniqueName"], found["CurrentStepDisplayName"]) == (
        "RequireApproval1",
        "Approve",
    )
    assert found["Definition"] == {
        "Id": str(Definition.objects.get(is_global=False).guid),
        "DisplayName": "WebServer with approval",
        "Version": 1,
        "WorkflowType": "Enrollment",
    }
    assert found["ReferenceId"] == suspended.pk
    assert found["Title"].startswith(r"COUNTERSIGN\requester is enrolling for a certificate with CN=")
    assert found["StartDate"].endswith("Z")
    signal = {"SignalName": "ApprovalStatus", "SignalReceived": False}
    assert [each | {"StepSignalId": ""} for each in found["Signals"]] == [signal | {"StepSignalId": ""}]
    assert found["InitialData"] == found["CurrentStateData"]
    assert found["InitialData"]["Template"] == "WebServer"


def test_the_status_is_a_number_for_existing_clients(cast: Cast, suspended: Instance) -> None:
    found = cast("operator", "/KeyfactorAPI/").get(path(suspended)).json()
    assert found["Status"] == InstanceStatus.Suspended == 2


def test_the_reference_id_names_an_instance_too(cast: Cast, suspended: Instance) -> None:
    found = cast("operator").get(f"Workflow/Instances/{suspended.pk}").json()
    assert found["Id"] == str(suspended.guid)


def test_empty_keys_are_never_shown(cast: Cast, suspended: Instance) -> None:
    suspended.data = {"": 1, "Answer": {"": 2, "kept": [{"": 3}]}}
    suspended.save()
    found = cast("operator").get(path(suspended)).json()
    assert found["CurrentStateData"] == {"Answer": {"kept": [{}]}}


def test_each_list_has_its_rows(cast: Cast, suspended: Instance, failed: Instance) -> None:
    both = sorted([str(suspended.guid), str(failed.guid)])
    assert sorted(ids(cast("operator"), "Workflow/Instances")) == both
    assert sorted(ids(cast("requester"), "Workflow/Instances/My")) == both
    assert ids(cast("operator"), "Workflow/Instances/My") == []
    assert ids(cast("approver"), "Workflow/Instances/AssignedToMe") == [str(suspended.guid)]
    assert ids(cast("operator"), "Workflow/Instances/AssignedToMe") == []


@pytest.mark.parametrize("query", ["", "&QueryString=Status -eq Suspended"])
def test_what_is_assigned_comes_in_the_order_asked_for(
    cast: Cast, world: World, suspended: Instance, query: str
) -> None:
    """Also where its ids are read without the instances."""
    made = [suspended, scenery.enroll(world).instance, scenery.enroll(world).instance]
    oldest = [str(each.guid) for each in made]
    listed = f"Workflow/Instances/AssignedToMe?SortField=ReferenceId{query}"
    assert ids(cast("approver"), listed) == oldest
    assert ids(cast("approver"), f"{listed}&SortAscending=1") == oldest[::-1]
    assert ids(cast("approver"), f"{listed}&PageReturned=2&ReturnLimit=2") == oldest[2:]
    assert cast("approver").get(f"{listed}&ReturnLimit=2")["x-total-count"] == "3"


def test_who_may_list_what(cast: Cast, world: World, suspended: Instance) -> None:
    for name, allowed in (("requester", "My"), ("approver", "AssignedToMe"), ("stranger", "")):
        for part in ("", "My", "AssignedToMe"):
            answer = cast(name).get(f"Workflow/Instances/{part}")
            assert answer.status_code == (200 if part and part == allowed else 403), (name, part)


def test_who_may_see_one(cast: Cast, suspended: Instance, failed: Instance) -> None:
    assert cast("requester").get(path(suspended)).status_code == 200
    assert cast("approver").get(path(suspended)).status_code == 200
    assert cast("approver").get(path(failed)).status_code == 404
    assert cast("stranger").get(path(suspended)).status_code == 403


@pytest.mark.parametrize(
    ("query", "statuses"),
    [
        ("Status -eq 2", ["Suspended"]),
        ('Status -eq "suspended"', ["Suspended"]),
        ("Status -ne Suspended", ["Failed"]),
        ("InitiatingUserName -eq COUNTERSIGN\\requester AND Status -eq Failed", ["Failed"]),
        ("InitiatingUserName -eq requester AND Status -eq Failed", ["Failed"]),
        ('InitiatingUserName -eq "countersign\\\\Requester" AND Status -eq Failed', ["Failed"]),
        ("InitiatingUserName -ne requester", []),
        ('InitiatingUserName -startswith "COUNTERSIGN\\\\req" AND Status -eq Failed', ["Failed"]),
        ("InitiatingUserName -endswith requester AND Status -eq Failed", ["Failed"]),
        ("InitiatingUserName -contains COUNTERSIGN AND Status -eq Failed", ["Failed"]),
        ("InitiatingUserName -eq operator", []),
        ("InitiatingUserName -eq OTHER\\requester", []),
        ("InitiatingUserName -eq %25ME%25", []),
        ("InitiatingUserName -eq %25ME-AN%25", []),
        ('Title -contains "appsrvr12"', ["Suspended"]),
        ("WorkflowType -eq enrollment AND StartDate -ge %25TODAY%25", ["Failed", "Suspended"]),
        ("CurrentStepDisplayName -eq Approve", ["Suspended"]),
        ("LastModified -lt %25TODAY%25", []),
    ],
)
def test_the_list_is_searched(
    cast: Cast, suspended: Instance, failed: Instance, query: str, statuses: list[str]
) -> None:
    rows = cast("operator").get(f"Workflow/Instances?SortField=Status&QueryString={query}")
    assert sorted(row["Status"] for row in rows.json()) == statuses


def test_the_list_is_searched_by_ids(cast: Cast, suspended: Instance, failed: Instance) -> None:
    for query in (f"Id -eq {suspended.guid}", f"referenceid -eq {suspended.pk}"):
        assert ids(cast("operator"), f"Workflow/Instances?pq.queryString={query}") == [str(suspended.guid)]
    definition = Definition.objects.get(is_global=False).guid
    assert len(ids(cast("operator"), f"Workflow/Instances?QueryString=DefinitionId -eq {definition}")) == 2


def test_a_list_has_pages_and_a_total(cast: Cast, suspended: Instance, failed: Instance) -> None:
    page = cast("operator").get("Workflow/Instances?ReturnLimit=1&PageReturned=2&SortField=ReferenceId")
    assert [row["ReferenceId"] for row in page.json()] == [failed.pk]
    assert page["x-total-count"] == "2"
    assert "InitialData" not in page.json()[0]


@pytest.mark.parametrize("part", ["", "/My", "/AssignedToMe"])
def test_a_list_costs_the_same_whatever_its_length(
    cast: Cast, world: World, django_assert_max_num_queries: Any, part: str
) -> None:
    world.operator.roles.add(world.approvers)
    scenery.needs_approvals(world)
    for _ in range(12):
        scenery.enroll(world, by="operator" if part == "/My" else "requester")
    cast("operator").get(f"Workflow/Instances{part}?ReturnLimit=1")  # hashes the password, reads the version
    with django_assert_max_num_queries(8):
        assert len(cast("operator").get(f"Workflow/Instances{part}").json()) == 12


def test_two_approvals_complete_the_enrollment(cast: Cast, suspended: Instance) -> None:
    assert cast("approver").post(path(suspended, "Signals"), APPROVE).status_code == 204
    waiting = cast("operator").get(path(suspended)).json()
    assert waiting["StatusMessage"] == "Awaiting 1 more approval(s) from approval roles."
    assert waiting["Signals"][0]["SignalReceived"] is True
    assert ids(cast("approver"), "Workflow/Instances/AssignedToMe") == []
    by_client_11 = {"signalKey": KEY, "data": {"approved": True, "comment": "Me too"}}
    assert cast("second_approver").post(path(suspended, "Signals"), by_client_11).status_code == 204
    builders.run_until_quiet()
    done = cast("operator").get(path(suspended)).json()
    assert (done["Status"], done["StatusMessage"], done["Signals"]) == ("Complete", "Issued", [])
    assert done["CurrentStateData"]["approvalsignalcmnts"] == "Fine\nMe too"
    assert "SerialNumber" not in done["InitialData"]


@pytest.mark.parametrize(
    ("name", "body", "status"),
    [
        ("stranger", APPROVE, 404),
        ("operator", APPROVE, 403),
        ("requester", APPROVE, 403),
        ("approver", {**APPROVE, "SignalKey": "Another.ApprovalStatus"}, 409),
        ("approver", {**APPROVE, "SignalKey": "RequireApproval1.Nonsense"}, 400),
        ("approver", {**APPROVE, "SignalKey": "RequireApproval1"}, 400),
        ("approver", {**APPROVE, "Data": {"Approved": "maybe"}}, 400),
        ("approver", {**APPROVE, "Data": {}}, 400),
        ("approver", {**APPROVE, "Data": "True"}, 400),
        ("approver", {"SignalKey": KEY}, 400),
        ("approver", {**APPROVE, "Data": {"Approved": "True", "Comment": "\0"}}, 400),
        ("approver", [], 400),
    ],
)
def test_wrong_signals_change_nothing(
    cast: Cast, suspended: Instance, name: str, body: Any, status: int
) -> None:
    answer = cast(name).post(path(suspended, "Signals"), body)
    assert answer.status_code == status, answer.content
    assert answer.json()["Message"]
    assert not SignalDecision.objects.exists()
    assert builders.reload(suspended).status_message.startswith("Awaiting 2")


def test_nobody_signals_twice_or_after_the_end(cast: Cast, suspended: Instance) -> None:
    cast("approver").post(path(suspended, "Signals"), APPROVE)
    twice = cast("approver").post(path(suspended, "Signals"), APPROVE)
    assert (twice.status_code, twice.json()["ErrorCode"]) == (409, "0xC0050002")
    deny = {"SignalKey": KEY, "Data": {"Approved": "False", "Comment": "No"}}
    assert cast("second_approver").post(path(suspended, "Signals"), deny).status_code == 204
    builders.run_until_quiet()
    late = cast("second_approver").post(path(suspended, "Signals"), APPROVE)
    assert late.status_code == 409
    assert r"COUNTERSIGN\second_approver" in late.json()["Message"]
    assert SignalDecision.objects.count() == 2
    assert builders.reload(suspended).status == InstanceStatus.Rejected


def test_the_requester_sees_but_does_not_approve_his_own(
    cast: Cast, world: World, suspended: Instance
) -> None:
    world.approvers.members.add(world.requester)
    answer = cast("requester").post(path(suspended, "Signals"), APPROVE)
    assert (answer.status_code, answer.json()["ErrorCode"]) == (403, "0xC0030001")
    assert ids(cast("requester"), "Workflow/Instances/AssignedToMe") == []


def test_stop_rejects_and_restart_begins_anew(cast: Cast, suspended: Instance) -> None:
    operator = cast("operator")
    assert operator.post(path(suspended, "Stop")).status_code == 204
    stopped = operator.get(path(suspended)).json()
    assert (stopped["Status"], stopped["StatusMessage"]) == ("Rejected", r"Stopped by COUNTERSIGN\operator.")
    assert operator.post(path(suspended, "Stop")).status_code == 409
    restarted = operator.post(path(suspended, "Restart"))
    assert restarted.status_code == 204
    new = Instance.objects.latest("pk")
    assert restarted["Location"] == f"/api/Workflow/Instances/{new.guid}"
    assert operator.get(path(suspended)).json()["Status"] == "Rejected"


def test_a_suspended_one_is_canceled_for_restart(cast: Cast, suspended: Instance) -> None:
    assert cast("operator").post(path(suspended, "Restart")).status_code == 204
    assert cast("operator").get(path(suspended)).json()["Status"] == "CanceledForRestart"
    assert Instance.objects.count() == 2


@pytest.mark.parametrize(
    ("query", "body", "status"),
    [
        ("", None, 204),
        ("?version=1", None, 204),
        ("?VERSION=1", 1, 204),
        ("", 1, 204),
        ("", {"version": 1}, 204),
        ("", {"Version": None}, 204),
        ("", {}, 204),
        ("?version=1", {"Version": 2}, 400),
        ("?version=9", None, 400),
        ("", 9, 400),
        ("?version=one", None, 400),
        ("", {"Version": "one"}, 400),
        ("", True, 400),
        ("", [1], 400),
        ("", [], 400),
        ("", "", 400),
        ("", "1", 400),
        ("", False, 400),
        ("", 1.0, 400),
        ("?version=1", [], 400),
    ],
)
def test_the_version_stands_in_the_query_or_the_body(
    cast: Cast, failed: Instance, query: str, body: Any, status: int
) -> None:
    answer = cast("operator").post(f"Workflow/Instances/{failed.pk}/Restart{query}", body)
    if status == 204:
        assert answer["Location"] == f"/api/{path(Instance.objects.latest('pk'))}"
    assert answer.status_code == status, answer.content
    assert Instance.objects.count() == (2 if status == 204 else 1)


def test_only_finished_ones_are_deleted(cast: Cast, suspended: Instance, failed: Instance) -> None:
    refused = cast("operator").delete(path(suspended))
    assert (refused.status_code, "stop it first" in refused.json()["Message"]) == (409, True)
    assert cast("operator").delete(path(failed)).status_code == 204
    assert cast("operator").get(path(failed)).status_code == 404
    assert not StepRun.objects.filter(instance=failed.pk).exists()
    assert Instance.objects.get() == suspended


def test_a_complete_one_is_neither_stopped_nor_restarted(cast: Cast, world: World) -> None:
    complete = scenery.enroll(world).instance
    for part in ("Stop", "Restart"):
        assert cast("operator").post(path(complete, part)).status_code == 409
    assert Instance.objects.count() == 1


@pytest.mark.parametrize("name", ["requester", "approver", "stranger"])
@pytest.mark.parametrize(("verb", "part"), [("POST", "Stop"), ("POST", "Restart"), ("DELETE", "")])
def test_only_managers_stop_restart_and_delete(
    cast: Cast, suspended: Instance, name: str, verb: str, part: str
) -> None:
    answer = cast(name).call(verb, path(suspended, part))
    assert (answer.status_code, answer.json()["ErrorCode"]) == (403, "0xA0140002")
    assert builders.reload(suspended).status == InstanceStatus.Suspended


@pytest.mark.parametrize(
    ("verb", "part"),
    [("GET", ""), ("DELETE", ""), ("POST", "/Stop"), ("POST", "/Restart"), ("POST", "/Signals")],
)
def test_unknown_and_impossible_ids(cast: Cast, verb: str, part: str) -> None:
    body = APPROVE if part == "/Signals" else None
    assert cast("operator").call(verb, UNKNOWN + part, body).status_code == 404
    assert cast("operator").call(verb, f"Workflow/Instances/999999999999{part}", body).status_code == 404
    answer = cast("operator").call(verb, f"Workflow/Instances/not-a-guid{part}", body)
    assert answer.status_code == 400
    assert "ReferenceId" in answer.json()["Message"]
