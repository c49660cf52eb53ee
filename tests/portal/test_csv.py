"""Lists as CSV: what is shown, all pages of it, filtered alike, and harmless in spreadsheets."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest
from django.db.models import QuerySet
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from portal import csv_files, listing, paging
from tests import builders
from tests import world as scenery
from tests.portal.conftest import Visitors
from workflows.models import Role
from workflows.search.counting import COUNTED

if TYPE_CHECKING:
    from tests.world import World

FILES = ["instances_csv", "certificates_csv", "definitions_csv", "users_csv", "roles_csv", "audit_csv"]


@pytest.fixture
def admin(world: World) -> Client:
    client = Client()
    client.force_login(Role.objects.get(immutable=True).members.get())
    return client


def rows(client: Client, name: str, /, **query: str) -> list[dict[str, str]]:
    answer = client.get(reverse(f"portal:{name}"), query)
    assert answer.status_code == 200
    assert answer.headers["Content-Disposition"].startswith('attachment; filename="')
    text = b"".join(answer.streaming_content).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text)))


def test_users_with_their_roles(admin: Client, world: World) -> None:
    builders.user("eve", full_name='=HYPERLINK("http://evil")')
    found = {row["AccountName"]: row for row in rows(admin, "users_csv")}
    assert found[r"COUNTERSIGN\approver"]["Roles"] == "Approvers"
    assert found[r"COUNTERSIGN\eve"]["FullName"].startswith("'=")


def test_all_pages_of_what_is_asked_for(admin: Client) -> None:
    for number in range(60):
        builders.role(f"Team {number:02}")
    found = rows(admin, "roles_csv", field="Name", comparison="-startswith", value="Team", page="2")
    assert [row["Name"] for row in found] == [f"Team {number:02}" for number in range(60)]


def test_certificates_with_their_serial_numbers(admin: Client, world: World) -> None:
    certificate = scenery.enroll(world).certificate
    assert certificate is not None
    (row,) = rows(admin, "certificates_csv", query='IssuedCN -startswith "appsrvr12"')
    assert (row["SerialNumber"], row["State"]) == (certificate.serial_number, "Valid")


def test_definitions_with_all_their_keys(admin: Client, world: World) -> None:
    keys = [str(number) for number in range(1, 8)]
    builders.publish(builders.noops(2), name="=Expiry", keys=keys)
    found = rows(admin, "definitions_csv", query='DisplayName -eq "=Expiry"')
    assert [row["DisplayName"] for row in found] == ["'=Expiry"]
    assert found[0]["Keys"].split("; ") == keys
    assert (found[0]["PublishedVersion"], found[0]["Enabled"]) == ("1", "True")


@pytest.mark.parametrize("page", FILES)
def test_what_cannot_be_understood_is_no_file(admin: Client, page: str) -> None:
    answer = admin.get(reverse(f"portal:{page}"), {"query": "Status -is x"})
    assert answer.status_code == 400
    assert "The query cannot be understood at character 8" in answer.content.decode()


@pytest.mark.parametrize("page", FILES)
def test_what_takes_too_long_ends_before_the_first_byte(
    admin: Client, world: World, settings: Settings, monkeypatch: pytest.MonkeyPatch, page: str
) -> None:
    scenery.enroll(world)
    settings.SEARCH_TIMEOUT = 1
    monkeypatch.setattr(listing, "ordered", sleepy(listing.ordered))
    answer = admin.get(reverse(f"portal:{page}"))
    assert answer.status_code == 400
    assert "Narrow the search" in answer.content.decode()


def sleepy(ordered: Callable[..., tuple[QuerySet[Any], Any]]) -> Callable[..., tuple[QuerySet[Any], Any]]:
    """Rows that take a minute to be found."""

    def slow(*args: Any) -> tuple[QuerySet[Any], Any]:
        rows, sort = ordered(*args)
        return rows.extra(where=["pg_sleep(60) IS NOT NULL"]), sort

    return slow


def test_it_says_what_does_not_fit(admin: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(5):
        builders.role(f"Team {number}")
    monkeypatch.setattr(csv_files, "EXPORTED", 3)
    monkeypatch.setattr(csv_files, "_AT_ONCE", 2)
    query = {"field": "Name", "comparison": "-startswith", "value": "Team"}
    names = [row["Name"] for row in rows(admin, "roles_csv", **query)]
    assert names == [
        "Team 0",
        "Team 1",
        "Team 2",
        "Only the first 3 rows are here; narrow the search for others.",
    ]
    monkeypatch.setattr(csv_files, "EXPORTED", 5)
    assert len(rows(admin, "roles_csv", **query)) == 5


def test_the_page_says_so_too(admin: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "the first" not in admin.get(reverse("portal:roles")).content.decode()
    monkeypatch.setattr(paging, "capped_count", lambda _rows: COUNTED)
    assert "the first 10,000 rows" in admin.get(reverse("portal:roles")).content.decode()


@pytest.mark.parametrize("page", ["users_csv", "roles_csv", "certificates_csv", "definitions_csv"])
def test_strangers_are_refused(visit: Visitors, page: str) -> None:
    assert visit("stranger").get(reverse(f"portal:{page}")).status_code == 403
