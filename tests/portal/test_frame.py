"""What stands around every page: sections by permission, counts, theme, time zone, error pages."""

from __future__ import annotations

import re

import pytest
from django.test import Client
from pytest_django import Settings

from portal import navigation
from tests import world as scenery
from tests.portal.conftest import Visitors
from tests.world import World
from workflows.models import User

SECTIONS = {
    "stranger": ["Dashboard"],
    "requester": ["Dashboard", "My Workflows", "Enroll by CSR", "Enroll by PFX"],
    "approver": ["Dashboard", "My Workflows"],
    "operator": [
        "Dashboard",
        "My Workflows",
        "Instances",
        "Definitions",
        "Enroll by CSR",
        "Enroll by PFX",
        "Certificates",
    ],
}


def labels(page: str) -> list[str]:
    """The entries of the sidebar."""
    sidebar = page.partition('id="navigation"')[2].partition("</nav>")[0]
    return [
        re.sub(r"<.*", "", entry).strip()
        for entry in re.findall(r"<li><a .*?</svg>(.*?)</a>", sidebar, re.DOTALL)
    ]


@pytest.mark.parametrize("person", SECTIONS)
def test_the_sidebar_holds_what_the_person_may_open(visit: Visitors, person: str) -> None:
    found = labels(visit(person).get("/").content.decode())
    assert [label for label in found if label in SECTIONS["operator"]] == SECTIONS[person]


def test_what_waits_is_counted(visit: Visitors, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    scenery.needs_approvals(world)
    for _ in range(2):
        scenery.enroll(world)
    page = visit("approver").get("/").content.decode()
    assert '<span class="count" aria-hidden="true">2</span><span class="unseen">2 wait for you</span>' in page
    monkeypatch.setattr(navigation, "MOST", 1)
    for path in ("/", "/workflow/my"):
        page = visit("approver").get(path).content.decode()
        assert page.count(">1+</span>") == (1 if path == "/" else 2)
        assert "1+ wait for you" in page


def test_the_current_page_is_marked(visit: Visitors) -> None:
    page = visit("operator").get("/workflow/instances").content.decode()
    assert re.findall(r'<a href="([^"]*)" aria-current="page">', page) == ["/workflow/instances"]


@pytest.mark.parametrize(
    ("person", "asked", "current"),
    [
        ("operator", "", "/workflow/instances"),
        ("operator", "?tab=created", "/workflow/my"),
        ("operator", "?tab=nonsense", "/workflow/instances"),
        ("requester", "?tab=created", "/workflow/my"),
        ("requester", "", "/workflow/my"),
    ],
)
def test_an_instance_belongs_where_its_way_begins(
    visit: Visitors, world: World, person: str, asked: str, current: str
) -> None:
    instance = scenery.enroll(world).instance
    for path in (f"/workflow/instances/{instance.guid}", f"/workflow/instances/{instance.guid}/definition"):
        page = visit(person).get(f"{path}{asked}").content.decode()
        assert re.findall(r'<a href="([^"]*)" aria-current="page">', page) == [current]


@pytest.mark.parametrize(
    ("cookie", "attribute"), [("dark", ' data-theme="dark"'), ("light", ' data-theme="light"'), ('"><b', "")]
)
def test_the_theme_comes_from_the_cookie(world: World, cookie: str, attribute: str) -> None:
    client = Client()
    client.cookies["theme"] = cookie
    assert f'<html lang="en"{attribute}>' in client.get("/login").content.decode()


@pytest.mark.parametrize(
    ("zone", "shown"),
    [("Europe/Vienna", "CET"), ("America/New_York", "EST"), ("Nowhere/At_all", "UTC"), ("", "UTC")],
)
def test_times_are_shown_in_the_zone_of_the_reader(
    visit: Visitors, world: World, zone: str, shown: str
) -> None:
    instance = scenery.enroll(world).instance
    type(instance).objects.update(started_at="2026-01-15T12:00:00Z")
    User.objects.filter(pk=world.operator.pk).update(time_zone=zone)
    page = visit("operator").get("/workflow/instances").content.decode()
    assert re.search(rf'<time datetime="2026-01-15T12:00:00\+00:00" title="[^"]*{shown}">', page)


def test_a_page_says_who_is_logged_in_and_which_version_runs(visit: Visitors, world: World) -> None:
    page = visit("requester").get("/").content.decode()
    assert world.requester.account_name in page
    assert re.search(r"Countersign \d+\.\d+\.\d+", page)


def test_names_of_people_are_never_markup(visit: Visitors, world: World) -> None:
    User.objects.filter(pk=world.requester.pk).update(full_name="<script>alert(1)</script> 🧾 القاضي")
    page = visit("requester").get("/").content.decode()
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt; 🧾 القاضي" in page


@pytest.mark.parametrize(
    ("path", "status", "words"),
    [
        ("/nowhere", 404, "Nothing is here"),
        ("/workflow/instances/not-a-guid", 404, "Nothing is here"),
        ("/workflow/instances", 403, "does not have any of the required permissions"),
        ("/certificates/987654", 403, "Your roles do not include the permission"),
        ("/enroll/11111111-1111-1111-1111-111111111111", 404, "or somebody else requested it"),
    ],
)
def test_refusals_have_pages(visit: Visitors, path: str, status: int, words: str) -> None:
    answer = visit("stranger").get(path)
    assert answer.status_code == status
    assert words in answer.content.decode()
    assert f"<code>{answer.headers['X-Request-ID']}</code>" in answer.content.decode()


def test_a_fault_of_ours_has_a_page_that_needs_no_database(
    visit: Visitors, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = visit("requester")
    client.raise_request_exception = False
    monkeypatch.setattr("portal.navigation.PLACES", None)
    answer = client.get("/")
    assert answer.status_code == 500
    assert "This did not work" in answer.content.decode()


def test_too_large_a_form_is_refused(visit: Visitors, settings: Settings) -> None:
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 1000
    answer = visit("requester").post("/enroll/csr", {"csr": "x" * 5000})
    assert answer.status_code == 413
    assert "larger" in answer.content.decode()


def test_pages_are_not_for_frames_and_run_no_foreign_script(visit: Visitors) -> None:
    policy = visit("requester").get("/").headers["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy


def test_who_holds_no_role_is_told_so(visit: Visitors) -> None:
    assert "You hold no role yet" in visit("stranger").get("/").content.decode()


def test_the_theme_is_chosen_without_scripts(visit: Visitors) -> None:
    client = visit("stranger")
    assert client.post("/account/theme", {"theme": "dark"}).headers["Location"] == "/account"
    page = client.get("/account").content.decode()
    assert 'data-theme="dark"' in page
    assert '<option value="dark" selected>' in page
    for other in ("", "nonsense"):
        client.post("/account/theme", {"theme": "light"})
        client.post("/account/theme", {"theme": other})
        assert "data-theme=" not in client.get("/account").content.decode()
