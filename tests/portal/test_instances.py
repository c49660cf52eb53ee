"""Workflow → Instances: sort, filter, page, CSV."""

from __future__ import annotations

import csv
import io
import re
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test import Client
from pytest_django import Settings

from tests import builders
from tests import world as scenery
from tests.portal.conftest import Visitors
from tests.world import World
from workflows.models import Instance, InstanceRecord, User

ORDERS = {"-eq": 3, "-ge": 3, "-le": 3, "-ne": 0, "-gt": 0, "-lt": 0}  # what of three is found in its minute
NAMES = ("appsrvr12.keyexample.com", "appsrvr13.keyexample.com", "www.keyexample.com")


@pytest.fixture
def guids(world: World) -> dict[str, str]:
    """Three instances by the names they are about; the last waits."""
    found = {name: str(scenery.enroll(world, csr=scenery.csr(name)).instance.guid) for name in NAMES[:2]}
    scenery.needs_approvals(world)
    return {**found, NAMES[2]: str(scenery.enroll(world, csr=scenery.csr(NAMES[2])).instance.guid)}


def listed(client: Client, **params: str) -> list[str]:
    """The GUIDs of the list, in its order."""
    page = client.get("/workflow/instances", params).content.decode()
    return re.findall(r'<a class="lead[^"]*" href="/workflow/instances/([^"]*)"', page)


@pytest.mark.parametrize(
    ("params", "expected"),
    [
        ({}, NAMES[::-1]),
        ({"sort": "ReferenceId"}, NAMES),
        ({"sort": "Title", "descending": "1"}, NAMES[::-1]),
        ({"sort": "NoSuchField"}, NAMES[::-1]),
        ({"value": "appsrvr", "sort": "Title"}, NAMES[:2]),
        ({"field": "Title", "comparison": "-contains", "value": "APPSRVR13"}, NAMES[1:2]),
        ({"field": "Status", "comparison": "-eq", "value": "Suspended"}, NAMES[2:]),
        ({"field": "Status", "comparison": "-ne", "value": "2", "sort": "Title"}, NAMES[:2]),
        ({"field": "StartDate", "comparison": "-ge", "value": "%TODAY%", "sort": "Title"}, NAMES),
        ({"field": "InitiatingUserName", "comparison": "-eq", "value": "%ME%"}, ()),
        ({"field": "CurrentStepDisplayName", "comparison": "-notnull", "sort": "Title"}, NAMES),
        ({"query": 'Title -contains "13" OR Status -eq Suspended', "sort": "Title"}, NAMES[1:]),
        ({"value": 'a "quoted\\ value" %_'}, ()),
        ({"page": "99"}, NAMES[::-1]),
        ({"page": "nonsense"}, NAMES[::-1]),
    ],
)
def test_lists_are_sorted_and_filtered(
    visit: Visitors, guids: dict[str, str], params: dict[str, str], expected: tuple[str, ...]
) -> None:
    assert listed(visit("operator"), **params) == [guids[name] for name in expected]


@pytest.mark.parametrize(
    ("params", "words"),
    [
        ({"query": "Status -is Failed"}, "cannot be understood at character 8"),
        ({"query": 'Nonsense -eq "x"'}, "there is no field 'Nonsense'"),
        ({"query": 'Title -eq "open'}, "is never closed"),
        ({"query": "(" * 30}, "nested more than"),
        ({"query": "x" * 20_000}, "longer than 8,000 characters"),
        ({"field": "ReferenceId", "value": "abc", "comparison": "-eq"}, "Expected a whole number."),
        ({"field": "Status", "value": "Nonsense", "comparison": "-eq"}, "Expected one of Unknown, "),
        ({"field": "Id", "value": "x", "comparison": "-contains"}, "Expected a GUID."),
    ],
)
def test_what_cannot_be_understood_is_said_at_the_place(
    visit: Visitors, guids: dict[str, str], params: dict[str, str], words: str
) -> None:
    answer = visit("operator").get("/workflow/instances", params)
    page = answer.content.decode().replace("&#x27;", "'")
    assert answer.status_code == 400
    assert words in page
    if "query" not in params:
        assert 'id="filter-value-error"' in page
        assert "at character" not in page
        assert "This filter cannot be used" in page
    else:
        assert 'id="filter-query-error"' in page
        assert "<details" in page
        assert "disclosure" in page


@pytest.mark.parametrize(
    ("field", "fitting"),
    [
        ("Title", "-contains -eq -ne -startswith -endswith -null -notnull"),
        ("ReferenceId", "-eq -ne -gt -ge -lt -le -null -notnull"),
        ("StartDate", "-eq -ne -gt -ge -lt -le -null -notnull"),
        ("Id", "-eq -ne -null -notnull"),
        ("Data", "-eq -ne"),
    ],
)
def test_only_comparisons_that_fit_are_offered_and_used(
    visit: Visitors, guids: dict[str, str], field: str, fitting: str
) -> None:
    page = visit("operator").get("/workflow/instances", {"field": field}).content.decode()
    assert f'<option value="{field}" data-fitting="{fitting}" selected>' in page
    assert f'<option value="{fitting.split(maxsplit=1)[0]}" selected>' in page
    other = visit("operator").get("/workflow/instances", {"field": field, "comparison": "-contains"})
    assert f'<option value="{"-contains" if field == "Title" else "-eq"}" selected>' in other.content.decode()


def test_asking_for_nothing_takes_no_notice_of_the_value(visit: Visitors, guids: dict[str, str]) -> None:
    found = listed(visit("operator"), field="ReferenceId", comparison="-notnull", value="no number")
    assert set(found) == set(guids.values())


@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "Pacific/Pago_Pago", "UTC"])
def test_days_are_those_that_the_list_shows(
    visit: Visitors, world: World, guids: dict[str, str], zone: str
) -> None:
    """At 10:30 UTC it is three different days at the three places."""
    began = datetime(2026, 1, 15, 10, 30, tzinfo=UTC)
    InstanceRecord.objects.update(started_at=began)
    Instance.objects.update(started_at=began)
    User.objects.filter(username="operator").update(time_zone=zone)
    day = f"{began.astimezone(ZoneInfo(zone)):%Y-%m-%d}"
    client = visit("operator")
    assert day in client.get("/workflow/instances").content.decode()
    assert len(listed(client, field="StartDate", comparison="-eq", value=day)) == len(guids)
    assert len(exported(client, query=f'StartDate -eq "{day}"')) == len(guids)
    assert not listed(client, field="StartDate", comparison="-gt", value=day)
    assert f"Days are those of your time zone, {zone}." in client.get("/workflow/instances").content.decode()


@pytest.mark.parametrize("zone", ["Asia/Kolkata", "UTC"])
def test_minutes_are_those_that_the_list_shows(
    visit: Visitors, world: World, guids: dict[str, str], zone: str
) -> None:
    began = datetime(2026, 1, 15, 10, 30, 40, 388_913, tzinfo=UTC)
    InstanceRecord.objects.update(started_at=began)
    Instance.objects.update(started_at=began)
    User.objects.filter(username="operator").update(time_zone=zone)
    minute = f"{began.astimezone(ZoneInfo(zone)):%Y-%m-%d %H:%M}"
    client = visit("operator")
    assert minute in client.get("/workflow/instances").content.decode()
    found = {of: len(listed(client, field="StartDate", comparison=of, value=minute)) for of in ORDERS}
    assert found == ORDERS


def test_a_row_says_what_runs_where(visit: Visitors, guids: dict[str, str]) -> None:
    page = visit("operator").get("/workflow/instances").content.decode()
    for words in ("WebServer with approval", "version 1", "Suspended", "Approve", "Complete", "Enrollment"):
        assert words in page


def test_the_menu_offers_what_can_be_done(visit: Visitors, world: World, guids: dict[str, str]) -> None:
    page = visit("operator").get("/workflow/instances").content.decode()
    waiting, done = guids[NAMES[2]], guids[NAMES[0]]
    assert {f"/workflow/instances/{waiting}/{verb}" in page for verb in ("stop", "restart")} == {True}
    assert f"/workflow/instances/{waiting}/delete" not in page
    assert f"/workflow/instances/{done}/delete" in page
    assert f"/workflow/instances/{done}/stop" not in page
    builders.role("Readers", world.stranger, permissions=["/workflows/instances/read/"])
    assert "/stop" not in visit("stranger").get("/workflow/instances").content.decode()


def test_quick_filters_count_and_lead_on(visit: Visitors, guids: dict[str, str]) -> None:
    client = visit("operator")
    page = client.get("/workflow/instances").content.decode()
    chip = re.search(
        r'<a id="only-Suspended" href="([^"]*)" data-tone="waiting">.*?<strong>(\d+)</strong>',
        page,
        re.DOTALL,
    )
    assert chip
    assert chip[2] == "1"
    there = client.get(chip[1].replace("&amp;", "&")).content.decode()
    assert 'aria-current="true"' in there
    assert there.count('<a class="lead') == 1


def test_pages_are_counted_and_linked(visit: Visitors, world: World) -> None:
    instance = scenery.enroll(world).instance
    copies = [
        Instance(
            version_id=instance.version_id, started_at=instance.started_at, modified_at=instance.modified_at
        )
        for _ in range(60)
    ]
    Instance.objects.bulk_create(copies)
    InstanceRecord.objects.bulk_create(
        InstanceRecord(
            instance=copy,
            definition_id=instance.record.definition_id,
            started_at=copy.started_at,
            title=f"Copy {copy.pk}",
            initiating_user_name="",
            workflow_type="Enrollment",
        )
        for copy in copies
    )
    client = visit("operator")
    second = client.get("/workflow/instances?page=2&sort=ReferenceId").content.decode()
    assert "26–50 of 61" in second
    assert 'href="?page=3&amp;sort=ReferenceId"' in second
    assert len(listed(client, page="3")) == 11


def test_an_empty_list_says_what_to_do(visit: Visitors) -> None:
    assert "No workflow has run yet" in visit("operator").get("/workflow/instances").content.decode()
    page = visit("operator").get("/workflow/instances?value=nothing").content.decode()
    assert "Nothing matches" in page
    assert "Show all" in page


def test_names_of_any_script_and_length_are_shown_as_text(visit: Visitors, world: World) -> None:
    instance = scenery.enroll(world).instance
    title = "<b>🧾</b> القاضي " + "x" * 4000
    InstanceRecord.objects.filter(pk=instance.pk).update(title=title)
    for path in ("/workflow/instances", f"/workflow/instances/{instance.guid}", "/search?q=القاضي"):
        answer = visit("operator").get(path)
        assert answer.status_code == 200
        assert "&lt;b&gt;🧾&lt;/b&gt; القاضي" in answer.content.decode()
        assert "<b>🧾" not in answer.content.decode()


def exported(client: Client, **params: str) -> list[dict[str, str]]:
    answer = client.get("/workflow/instances.csv", params)
    text = b"".join(answer.streaming_content).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text)))


def test_csv_holds_what_the_list_shows(visit: Visitors, guids: dict[str, str]) -> None:
    rows = exported(visit("operator"), value="appsrvr", sort="Title")
    assert [row["Id"] for row in rows] == [guids[name] for name in NAMES[:2]]
    assert rows[0]["Status"] == "Complete"
    assert rows[0]["StatusMessage"] == "Issued"


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_csv_runs_no_formula(visit: Visitors, world: World, start: str) -> None:
    instance = scenery.enroll(world).instance
    InstanceRecord.objects.filter(pk=instance.pk).update(title=f'{start}HYPERLINK("http://x")')
    assert exported(visit("operator"))[0]["Title"].startswith(f"'{start}")


def test_a_search_that_takes_too_long_is_asked_to_be_narrower(
    visit: Visitors, guids: dict[str, str], settings: Settings
) -> None:
    settings.SEARCH_TIMEOUT = 1
    client = visit("operator")
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE workflows_definitionversion RENAME TO quick_versions")
        cursor.execute(
            "CREATE VIEW workflows_definitionversion AS SELECT v.* FROM quick_versions v, pg_sleep(60)"
        )
    page = client.get("/workflow/instances?sort=DefinitionDisplayName").content.decode()
    assert "Narrow the search" in page
    assert 'id="filter-query"' in page
    # Nor does the page that asks for news every few seconds hold the database.
    asks = "/workflow/instances?after=0&field=DefinitionDisplayName&value=x"
    assert client.get(asks, headers={"HX-Request": "true"}).status_code in {200, 204}
