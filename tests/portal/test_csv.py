"""Lists as CSV: what is shown, all pages of it, filtered alike, and harmless in spreadsheets."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

import pytest
from django.test import Client
from django.urls import reverse

from tests import builders
from tests import world as scenery
from tests.portal.conftest import Visitors
from workflows.models import Role

if TYPE_CHECKING:
    from tests.world import World


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


@pytest.mark.parametrize("page", ["users_csv", "roles_csv", "certificates_csv", "definitions_csv"])
def test_strangers_are_refused(visit: Visitors, page: str) -> None:
    assert visit("stranger").get(reverse(f"portal:{page}")).status_code == 403
