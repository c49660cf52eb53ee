"""What a filter cannot ask is said at its input: no list shows, no file holds more than was asked for."""

from __future__ import annotations

import re

import pytest
from django.test import Client
from django.urls import reverse

from tests import world as scenery
from tests.world import World
from workflows.models import Role

PAGES = [
    *(("instances", {}), ("certificates", {}), ("definitions", {}), ("audit_log", {})),
    *(("my_workflows", {"tab": tab}) for tab in ("assigned", "created")),
    *(("users", {}), ("roles", {}), ("scripts", {}), ("templates", {})),
]
FILES = ["instances_csv", "certificates_csv", "definitions_csv", "users_csv", "roles_csv", "audit_csv"]
ANYWHERE = [
    ("field", {"field": "Nonsense", "value": "a"}),
    ("field", {"field": "Nonsense", "comparison": "-null"}),
    ("comparison", {"comparison": "-nonsense", "value": "a"}),
    ("query", {"query": "Id -ne NULL", "value": "a"}),
]
OF_INSTANCES = [
    ("fact", {"field": "Data", "fact": "", "comparison": "-eq", "value": "zzz"}),
    ("fact", {"field": "Data", "comparison": "-ne", "value": "zzz"}),
    ("value", {"field": "Data", "fact": "Template", "comparison": "-eq", "value": " "}),
    ("comparison", {"field": "Data", "fact": "Template", "comparison": "-null"}),
    ("comparison", {"field": "Title", "comparison": "-gt", "value": "a"}),
    ("comparison", {"field": "StartDate", "comparison": "-startswith", "value": "2026"}),
]


@pytest.fixture
def admin(world: World) -> Client:
    scenery.enroll(world)
    client = Client()
    client.force_login(Role.objects.get(immutable=True).members.get())
    return client


def refused(client: Client, page: str, asked: dict[str, str]) -> list[str]:
    """The inputs that have an error, of a page without rows."""
    answer = client.get(reverse(f"portal:{page}"), asked)
    assert answer.status_code == 400
    assert "<tbody" not in answer.text
    return re.findall(r'<p class="error" id="filter-(\w+)-error">', answer.text)


@pytest.mark.parametrize(("place", "asked"), ANYWHERE)
@pytest.mark.parametrize(("page", "tab"), PAGES)
def test_what_a_list_cannot_be_asked(
    admin: Client, page: str, tab: dict[str, str], place: str, asked: dict[str, str]
) -> None:
    assert refused(admin, page, {**tab, **asked}) == [place]


@pytest.mark.parametrize(("place", "asked"), OF_INSTANCES)
def test_what_instances_cannot_be_asked(admin: Client, place: str, asked: dict[str, str]) -> None:
    assert refused(admin, "instances", asked) == [place]
    assert refused(admin, "my_workflows", {"tab": "created", **asked}) == [place]
    assert admin.get(reverse("portal:instances_csv"), asked).status_code == 400


def test_a_comparison_that_does_not_fit_is_named(admin: Client) -> None:
    asked = {"field": "Id", "comparison": "-startswith", "value": "a"}
    page = admin.get(reverse("portal:instances"), asked).text
    assert "“begins with” does not fit the field, which takes: is equal to, is not equal to, is empty" in page


def test_a_fact_without_a_name_is_asked_for_it(admin: Client) -> None:
    page = admin.get(reverse("portal:instances"), {"field": "Data", "value": "zzz"}).text
    assert "Type the name of the fact, such as Template." in page
    assert 'value="zzz"' in page
    assert '<option value="Data" data-fitting="-eq -ne" selected>' in page


@pytest.mark.parametrize(("place", "asked"), ANYWHERE)
@pytest.mark.parametrize("page", FILES)
def test_no_file_holds_what_was_not_asked_for(
    admin: Client, page: str, place: str, asked: dict[str, str]
) -> None:
    assert admin.get(reverse(f"portal:{page}"), asked).status_code == 400


@pytest.mark.parametrize(
    "asked",
    [
        {"field": "Data"},
        {"field": "Data", "fact": "", "value": " "},
        {"field": "Title", "fact": "Template", "comparison": "-eq", "value": ""},
        {"field": "Nonsense", "comparison": "-nonsense"},
    ],
)
def test_who_asks_for_nothing_is_shown_the_list(admin: Client, asked: dict[str, str]) -> None:
    answer = admin.get(reverse("portal:instances"), asked)
    assert answer.status_code == 200
    assert "<tbody" in answer.text
