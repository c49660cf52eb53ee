"""What docs/lists.md calls quick for certain reads a bounded number of rows, whatever there is."""

from __future__ import annotations

import io
import itertools
import re
from collections.abc import Iterator, Mapping

import pytest
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.utils.http import urlencode

from config.env import ROOT
from tests.api.clients import PASSWORD, ApiClient
from tests.plans import most_rows
from workflows.api import paging
from workflows.api.views import lists
from workflows.models import Definition, Instance, Role, User
from workflows.search import counting
from workflows.vocabulary.permissions import Permission
from workflows.vocabulary.statuses import InstanceStatus

ROWS = 12_000
MOST = 1_500  # rows that a node of a plan may read; one that walks the table reads a third of it at least
COUNTED = 500
API, MINE, ASSIGNED = "Workflow/Instances", "Workflow/Instances/My", "Workflow/Instances/AssignedToMe"
PORTAL = {API: "/workflow/instances?", MINE: "/workflow/my?tab=created"}
ANY = "any field"
IN_SOME_INDEX = ("ReferenceId", "StartDate", "Status", "Title")  # what may lead the planner astray
_GUARANTEED = re.compile(r"^\| (?P<filter>[^|]+) \| (?P<sorts>[^|]+) \| (?P<read>[^|]+) \|$", re.MULTILINE)

Asked = tuple[str, str]  # a list, and the query


def _asked(rows: Mapping[str, str]) -> Mapping[str, list[Asked]]:
    """By the words of the table what is asked, at its worst: spans far from where the list begins."""
    spans = [
        f"StartDate -le {rows['third']}",
        f"StartDate -ge {rows['two thirds']}",
        f"StartDate -eq {rows['half']}",
        f"StartDate -ge {rows['third']} AND StartDate -lt {rows['two thirds']}",
    ]
    return {
        "none": [(API, "")],
        "`Status -eq x`": [(API, "Status -eq Failed"), (API, "Status -eq Running")],
        "`Status -eq x` of what has ended, and with it `LastModified` from, to, or on a day": [
            (API, "Status -eq Failed"),
            (API, "Status -eq Complete"),
            (API, 'Status -eq Complete AND LastModified -ge "%TODAY-300%"'),
            (API, f"Status -eq Complete AND LastModified -lt {rows['half']}"),
        ],
        "`DefinitionId -eq x`": [(API, f"DefinitionId -eq {rows['definition']}")],
        "`StartDate` from, to, or on a day, minute or second": [(API, span) for span in spans],
        "`Title -eq x`, `-startswith`": [
            (API, f'Title -eq "{rows["title"]}"'),
            (API, f'Title -startswith "{rows["title"][:-12]}"'),
        ],
        "`Title -contains x`, `-endswith`": [
            (API, f"Title -contains {rows['number']}"),
            (API, f"Title -contains {rows['host']}"),
            (API, f'Title -endswith "{rows["title"][-22:]}"'),
        ],
        "`Data.Key -eq x`": [(API, f"Data.CommonName -eq {rows['host']}")],
        "`Id -eq x`, `ReferenceId -eq x`, one instance": [
            (API, f"Id -eq {rows['guid']}"),
            (API, f"ReferenceId -eq {rows['id']}"),
            (f"{API}/{rows['guid']}", ""),
        ],
        "Created by Me": [(MINE, "")],
        "Assigned to Me": [(ASSIGNED, "")],
    }


@pytest.fixture
def reader(monkeypatch: pytest.MonkeyPatch) -> User:
    """Who reads everything and holds a role that approves, as others do, among many instances."""
    for module in (counting, lists, paging):
        monkeypatch.setattr(module, "COUNTED", COUNTED)
    size = ("--instances", str(ROWS), "--step-runs", str(ROWS))
    call_command("fill", "--yes", *size, stdout=io.StringIO())
    person = User.objects.order_by("pk")[1]
    person.set_password(PASSWORD)
    person.save()
    person.roles.add(Role.objects.create(name="Reader", permissions=[Permission.WORKFLOW_INSTANCES_READ]))
    return person


@pytest.mark.django_db(transaction=True)
def test_they_read_a_bounded_number_of_rows(reader: User) -> None:
    api, browser = ApiClient(reader.username), Client()
    browser.force_login(reader)
    rows = list(_GUARANTEED.finditer((ROOT / "docs" / "lists.md").read_text()))[1:]
    assert _named_indexes(rows) <= _indexes()
    asked = _asked(_landmarks())
    assert {row["filter"] for row in rows} == set(asked)
    found = {}
    for row in rows:
        for address in _addresses(asked[row["filter"]], row["sorts"]):
            client = browser if address.startswith("/") else api
            found[address] = most_rows(lambda client=client, address=address: client.get(address))
    assert {address: most for address, most in found.items() if most > MOST} == {}


def _landmarks() -> Mapping[str, str]:
    """Names, numbers and days of what was filled."""
    one = Instance.objects.filter(status=InstanceStatus.Suspended).order_by("pk")[100]
    one = Instance.objects.filter(record__initial_data__has_key="CommonName", pk__gt=one.pk).order_by("pk")[0]
    host = one.record.initial_data["CommonName"]
    starts = Instance.objects.order_by("pk").values_list("started_at", flat=True)
    days = {"third": starts[ROWS // 3], "half": starts[ROWS // 2], "two thirds": starts[ROWS * 2 // 3]}
    return {name: f"{day:%Y-%m-%d}" for name, day in days.items()} | {
        "definition": str(Definition.objects.get(latest__display_name="Gone from the web farm").guid),
        "guid": str(one.guid),
        "id": str(one.pk),
        "host": host,
        "number": host.partition(".")[0].removeprefix("host-"),
        "title": one.record.title,
    }


def _addresses(asked: list[Asked], sorts: str) -> Iterator[str]:
    """All of the API, the first of each also in the portal."""
    for (path, query), order in itertools.product(asked, _orders(sorts)):
        yield f"{path}?{urlencode({'QueryString': query, **order})}"
        if path in PORTAL and query == asked[0][1]:
            yield f"{PORTAL[path]}&{urlencode(_in_the_portal(query, order))}"


def _orders(sorts: str) -> Iterator[Mapping[str, str | int]]:
    """Both directions of what the table names."""
    names = IN_SOME_INDEX if sorts == ANY else sorts.partition(";")[0].split(", ")
    for name, direction in itertools.product(names, (0, 1)):
        yield {"SortField": name, "SortAscending": direction}


def _in_the_portal(query: str, order: Mapping[str, str | int]) -> Mapping[str, str | int]:
    direction = {"descending": 1} if order["SortAscending"] else {}
    return {"query": query, "sort": order["SortField"], **direction}


def _named_indexes(rows: list[re.Match[str]]) -> set[str]:
    return {name for row in rows for name in re.findall(r"`(\w+)`", row["read"])}


def _indexes() -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT indexname FROM pg_indexes")
        return {name for (name,) in cursor.fetchall()}
