"""The dashboard."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from portal.counts import shown_count
from portal.presenters import dashboard
from tests import builders
from tests import world as scenery
from tests.portal.conftest import Visitors
from tests.world import World
from workflows.engine import liveness
from workflows.models import Certificate, CertificateAuthority, CertificateRevocationList
from workflows.vocabulary.permissions import Permission


def text_of(page: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", page))


def test_an_approver_sees_what_waits(visit: Visitors, world: World) -> None:
    scenery.needs_approvals(world)
    instance = scenery.enroll(world).instance
    page = visit("approver").get("/").content.decode()
    assert f'href="/workflow/my/{instance.guid}"' in page
    assert "Certificates by days to expiry" not in page
    assert "Health" not in page


def test_a_requester_sees_his_own(visit: Visitors, world: World) -> None:
    enrolled = scenery.enroll(world)
    assert enrolled.certificate is not None
    page = visit("requester").get("/").content.decode()
    assert "Your last requests" in page
    assert f"/certificates/{enrolled.certificate.pk}" in page
    assert "Request a certificate" not in page


def test_a_requester_who_has_none_is_led_to_the_form(visit: Visitors) -> None:
    assert 'class="button" href="/enroll/csr"' in visit("requester").get("/").content.decode()


def test_an_operator_sees_how_things_stand(visit: Visitors, world: World) -> None:
    scenery.enroll(world, csr=scenery.csr("not a host", dns=["a.keyexample.com"]))
    scenery.enroll(world)
    client = visit("operator")
    page = client.get("/").content.decode()
    for words in ("0 wait for people", "1 failed in 7 days", "1 complete in 7 days", "Next to expire"):
        assert words in text_of(page)
    links = re.findall(r'<a class="tally" href="([^"]*)"', page)
    for link in links:
        assert client.get(link.replace("&amp;", "&")).status_code == 200
    assert "Last audit entries" in page


@pytest.mark.parametrize(
    ("number", "most", "words"),
    [(0, 99, "0"), (99, 99, "99"), (100, 99, "99+"), (1_234, 10_000, "1,234"), (10_001, 10_000, "10,000+")],
)
def test_large_numbers_are_not_counted_to_their_end(number: int, most: int, words: str) -> None:
    assert shown_count(number, most) == words


@pytest.mark.parametrize(
    ("permission", "words", "link"),
    [
        (Permission.ENROLLMENT_CSR, "You may request certificates", "/enroll/csr"),
        (Permission.ENROLLMENT_PFX, "You may request certificates", "/enroll/pfx"),
        (Permission.SECURITY_READ, "What your roles open is in the menu", "/administration/users"),
        (Permission.WORKFLOW_INSTANCES_MANAGE, "Your roles open no page of the portal", ""),
        (None, "You hold no role yet", ""),
    ],
)
def test_who_is_open_no_part_is_told_where_to_go(
    visit: Visitors, world: World, permission: str | None, words: str, link: str
) -> None:
    if permission:
        builders.role("Some", world.stranger, permissions=[permission])
    page = visit("stranger").get("/").content.decode()
    assert words in page
    assert re.findall(r'class="button" href="([^"]*)"', page.partition("<main")[2]) == (
        [link] if link else []
    )


@pytest.mark.parametrize(
    ("permissions", "link"),
    [
        ([Permission.WORKFLOW_INSTANCES_READ_MINE], None),
        ([Permission.WORKFLOW_INSTANCES_READ_MINE, Permission.ENROLLMENT_PFX], "/enroll/pfx"),
        ([Permission.WORKFLOW_INSTANCES_READ], None),
        ([Permission.WORKFLOW_INSTANCES_READ, Permission.ENROLLMENT_PFX], "/enroll/pfx"),
    ],
)
@pytest.mark.parametrize("path", ["/", "/workflow/my?tab=created", "/workflow/instances"])
def test_a_request_is_offered_to_who_may_make_one(
    visit: Visitors, world: World, permissions: list[str], link: str | None, path: str
) -> None:
    builders.role("Some", world.stranger, permissions=permissions)
    answer = visit("stranger").get(path)
    is_list = "Your last requests" in answer.content.decode() or path != "/"
    offered = re.search(r'href="([^"]*)">Request a certificate', answer.content.decode())
    assert (offered and offered[1]) == (link if answer.status_code == 200 and is_list else None)


@pytest.mark.parametrize("days", [0, 7, 8, 15, 31, 61, 91, 500])
def test_certificates_are_counted_by_days_and_the_links_lead_to_the_same(
    visit: Visitors, world: World, days: int
) -> None:
    scenery.enroll(world)
    end_of_day = timezone.now().replace(hour=23, minute=59, second=0) + timedelta(days=days)
    Certificate.objects.update(not_after=end_of_day)
    client = visit("operator")
    page = client.get("/").content.decode()
    label, _, last = next(span for span in spans() if span[1] <= days <= span[2])
    link = re.search(rf'<th scope="row">{label}</th><td><a href="([^"]*)">1</a>', page)
    assert link
    assert last >= days
    listed = client.get(link[1].replace("&amp;", "&")).content.decode()
    assert listed.count('<a class="lead') == 1


def spans() -> list[tuple[str, int, int]]:
    return [
        (f"{first}–{'' if last is None else last}", first, 10_000 if last is None else last)
        for first, last, _tone in dashboard.SPANS
    ]


def test_health_says_what_does_not_work(visit: Visitors, world: World) -> None:
    builders.role("Watchers", world.stranger, permissions=[Permission.DASHBOARD_READ])
    liveness.broker().delete(liveness.WORKER_KEY)
    CertificateRevocationList.objects.update(next_update=timezone.now() - timedelta(hours=1))
    page = text_of(visit("stranger").get("/").content.decode())
    assert "Workers none was seen lately" in page
    assert "Countersign Issuing CA 1 its CRL has run out" in page
    CertificateAuthority.objects.update(kind="remote")
    page = text_of(visit("stranger").get("/").content.decode())
    assert "Countersign Issuing CA 1 publishes its CRLs itself" in page
    liveness.broker().set(liveness.WORKER_KEY, 1)
    assert "Workers running" in text_of(visit("stranger").get("/").content.decode())


@pytest.mark.parametrize(
    ("hour", "words"),
    [(0, "Good morning"), (11, "Good morning"), (12, "Good afternoon"), (18, "Good evening")],
)
def test_the_greeting_knows_the_hour(hour: int, words: str) -> None:
    assert dashboard.greeting("Rita", hour) == f"{words}, Rita"
