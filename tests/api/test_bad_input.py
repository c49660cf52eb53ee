"""What the issue on instances lists as bad input: a clear error for each, and nothing changed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import pytest

from tests import builders
from tests import world as scenery
from tests.api.clients import ApiClient
from tests.world import World
from workflows.models import Instance, SignalDecision

Cast = Callable[..., ApiClient]
LISTS = ["", "/My", "/AssignedToMe", "/Decisions"]
INVALID_QUERY = "0xC0010003"


@pytest.fixture
def suspended(world: World) -> Instance:
    scenery.needs_approvals(world)
    return scenery.enroll(world).instance


@pytest.fixture
def reader(caller: Callable[..., ApiClient]) -> ApiClient:
    """Sees every list."""
    return caller("/workflows/instances/read/")


def refusal(client: ApiClient, path: str, query: str) -> dict[str, Any]:
    answer = client.get(f"Workflow/Instances{path}?{query}")
    assert answer.status_code == 400, (query[:80], answer.content)
    found: dict[str, Any] = answer.json()
    assert found["ErrorCode"] == INVALID_QUERY
    return found


@pytest.mark.parametrize(
    ("query", "place"),
    [
        ("Title", "character 6"),
        ("Title -eq", "character 10"),
        ("Title -is x", "character 7"),
        ('Title -eq "x', "character 11"),
        ("(Title -eq x", "character 13"),
        ("Title -eq x)", "character 12"),
        ("Title -eq x AND", "character 16"),
        ("Title -eq a b", "character 13"),
        ("Id -eq x", "character 8"),
        ("ReferenceId -eq 9999999999999999999", "character 17"),
        ("ReferenceId -gt NULL", "character 17"),
        ("Status -eq Sleeping", "character 12"),
        ("Nonsense -eq 1", "character 1"),
        ("Title -gt x", "character 7"),
        ("Title -eq \N{FULLWIDTH QUOTATION MARK}x y", "character 14"),
    ],
)
def test_a_query_that_cannot_be_understood_is_pointed_at(reader: ApiClient, query: str, place: str) -> None:
    for path in LISTS:
        assert place in refusal(reader, path, f"QueryString={quote(query)}")["Message"]


@pytest.mark.parametrize(
    ("query", "word"),
    [
        (" OR ".join(["Id -eq 1"] * 10_000), "longer than 8,000 characters. Shorten it"),
        (" OR ".join(["Title -eq a"] * 201), "more than 200 comparisons. Ask in several"),
        ("(" * 4_000 + "Title -eq a" + ")" * 3_000, "nested more than 20 deep. Leave out"),
        ("(" * 21 + "Title -eq a" + ")" * 21, "nested more than 20 deep"),
    ],
)
def test_a_query_that_would_cost_too_much_is_refused(reader: ApiClient, query: str, word: str) -> None:
    for path in LISTS:
        assert word in refusal(reader, path, f"QueryString={quote(query)}")["Message"]


@pytest.mark.parametrize(
    ("query", "word"),
    [
        ("PageReturned=0", "PageReturned"),
        ("PageReturned=-1", "PageReturned"),
        ("PageReturned=1.5", "PageReturned"),
        ("PageReturned=10000000000", "PageReturned"),
        ("ReturnLimit=0", "ReturnLimit"),
        ("ReturnLimit=-1", "ReturnLimit"),
        ("ReturnLimit=1000000000", "ReturnLimit"),
        ("ReturnLimit=1001", "ReturnLimit"),
        ("ReturnLimit=many", "ReturnLimit"),
        ("SortField=Secret", "Secret"),
        ("SortAscending=2", "SortAscending"),
        ("ReturnLimit=1&pq.returnLimit=2", "with different values. Send it once"),
        ("ReturnLimit=1&ReturnLimit=2", "with different values. Send it once"),
        ("QueryString=Id -eq NULL&QueryString=", "with different values. Send it once"),
    ],
)
def test_a_page_that_cannot_be_is_refused(reader: ApiClient, query: str, word: str) -> None:
    for path in LISTS:
        assert word in refusal(reader, path, query)["Message"]


def test_the_first_and_the_last_year_are_searched(cast: Cast, suspended: Instance) -> None:
    operator = cast("operator")
    for comparison, count in (
        ("-ge 1900-01-01", 1),
        ("-lt 1900-01-01", 0),
        ("-le 9999-12-31", 1),
        ("-gt 9999-12-31T23:59:59Z", 0),
        ("-ge %TODAY-36500%", 1),
    ):
        rows = operator.get(f"Workflow/Instances?QueryString={quote(f'StartDate {comparison}')}")
        assert (rows.status_code, len(rows.json())) == (200, count), comparison


@pytest.mark.parametrize(
    "date",
    [
        "1899-12-31",
        "10000-01-01",
        "2025-02-30",
        "0000-00-00",
        "%TODAY+999999999%",
        "%TODAY-999999%",
        "yesterday",
    ],
)
def test_a_date_that_is_none_is_refused(reader: ApiClient, date: str) -> None:
    for field in ("StartDate", "LastModified"):
        assert field in refusal(reader, "", f"QueryString={quote(f'{field} -eq {date}')}")["Message"]


WRONG_SIGNALS: list[Any] = [
    {"SignalKey": 7, "Data": {"Approved": True}},
    {"SignalKey": None, "Data": {"Approved": True}},
    {"SignalKey": "RequireApproval1.ApprovalStatus", "Data": {"Approved": 1}},
    {"SignalKey": "RequireApproval1.ApprovalStatus", "Data": {"Approved": None}},
    {"SignalKey": "RequireApproval1.ApprovalStatus", "Data": {"Approved": ["True"]}},
    {"SignalKey": "RequireApproval1.ApprovalStatus", "Data": {"Approved": True, "Comment": 7}},
    {"SignalKey": "RequireApproval1.ApprovalStatus", "Data": {"Approved": True, "Comment": "x" * 4001}},
    {"SignalKey": "RequireApproval1.ApprovalStatus", "Data": {"Approved": True, "ContentHash": []}},
    {"SignalKey": "RequireApproval1.ApprovalStatus", "Data": [["Approved", True]]},
    {"SignalKey": "RequireApproval1.ApprovalStatus", "Data": None},
    {"SignalKey": "RequireApproval1.ApprovalStatus"},
    {"SignalKey": ".", "Data": {"Approved": True}},
    "RequireApproval1.ApprovalStatus",
    None,
]


def test_a_signal_of_wrong_types_changes_nothing(cast: Cast, suspended: Instance) -> None:
    approver = cast("approver")
    for body in WRONG_SIGNALS:
        answer = approver.post(f"Workflow/Instances/{suspended.guid}/Signals", body)
        assert (answer.status_code, bool(answer.json()["Message"])) == (400, True), body
    assert not SignalDecision.objects.exists()
    assert builders.reload(suspended).modified_at == suspended.modified_at


NEITHER = [
    "not-a-guid",
    "-1",
    "1.0",
    "1e3",
    "9" * 19,
    "9" * 400,
    "\N{ARABIC-INDIC DIGIT THREE}",
    "6b1b9f0c8a514b629d3c2a6e2d6b7f10",
    "6b1b9f0c-8a51-4b62-9d3c-2a6e2d6b7f1g",
]


@pytest.mark.parametrize(
    ("verb", "part"),
    [
        ("GET", ""),
        ("DELETE", ""),
        ("GET", "/History"),
        ("GET", "/Restart"),
        ("POST", "/Restart"),
        ("POST", "/Signals"),
        ("POST", "/Stop"),
    ],
)
def test_what_is_neither_guid_nor_number_names_nothing(
    caller: Callable[..., ApiClient], verb: str, part: str
) -> None:
    manager = caller("/workflows/")
    body = {"SignalKey": "A.B", "Data": {"Approved": True}} if part == "/Signals" else None
    for name in NEITHER:
        answer = manager.call(verb, f"Workflow/Instances/{quote(name)}{part}", body)
        assert (answer.status_code, "ReferenceId" in answer.json()["Message"]) == (400, True), name


@pytest.mark.parametrize("name", ["9" * 18, "0", "6b1b9f0c-8a51-4b62-9d3c-2a6e2d6b7f10"])
def test_a_well_formed_name_of_nothing_is_not_found(reader: ApiClient, name: str) -> None:
    assert reader.get(f"Workflow/Instances/{name}").status_code == 404
