"""Workflow → My Workflows."""

from __future__ import annotations

import re

import pytest

from tests import builders
from tests import world as scenery
from tests.portal.conftest import Visitors
from tests.world import World
from workflows.actions import approvals
from workflows.vocabulary.permissions import Permission


def tabs(page: str) -> list[str]:
    nav = page.partition('<nav class="tabs"')[2].partition("</nav>")[0]
    return re.findall(r"tab=(\w+)", nav)


@pytest.mark.parametrize(
    ("permission", "open_tabs"),
    [
        (Permission.WORKFLOW_INSTANCES_READ_PENDING, ["assigned"]),
        (Permission.WORKFLOW_INSTANCES_READ_MINE, ["created"]),
        (Permission.WORKFLOW_INSTANCES_READ, ["assigned", "created"]),
    ],
)
@pytest.mark.parametrize("asked", ["", "?tab=assigned", "?tab=created", "?tab=nonsense"])
def test_each_permission_opens_its_tab(
    visit: Visitors, world: World, permission: str, open_tabs: list[str], asked: str
) -> None:
    builders.role("One permission", world.stranger, permissions=[permission])
    answer = visit("stranger").get(f"/workflow/my{asked}")
    assert answer.status_code == 200
    assert tabs(answer.content.decode()) == open_tabs


def test_assigned_to_me_says_what_matters(visit: Visitors, world: World) -> None:
    scenery.needs_approvals(world, 2)
    first = scenery.enroll(
        world, csr=scenery.csr("a.keyexample.com", dns=["a.keyexample.com", "b.keyexample.com"])
    )
    second = scenery.enroll(world)
    approvals.approve(
        second.instance.guid, actor=world.actor("second_approver"), step_name="RequireApproval1"
    )
    page = visit("approver").get("/workflow/my").content.decode()
    assert "WebServer · ECDSA P-256 · 2 names" in page
    assert "0 of 2 approvals" in page
    assert "1 of 2 approvals" in page
    links = re.findall(r'<a class="lead[^"]*" href="([^"]*)"', page)
    assert links == [f"/workflow/my/{each.instance.guid}" for each in (first, second)], (
        "longest waiting first"
    )


def test_what_i_answered_and_what_is_mine_is_not_assigned_to_me(visit: Visitors, world: World) -> None:
    scenery.needs_approvals(world, 2)
    instance = scenery.enroll(world).instance
    world.approvers.members.add(world.requester)
    approvals.approve(instance.guid, actor=world.actor("approver"), step_name="RequireApproval1")
    for person in ("approver", "requester"):
        assert str(instance.guid) not in visit(person).get("/workflow/my?tab=assigned").content.decode()
    assert str(instance.guid) in visit("second_approver").get("/workflow/my").content.decode()


def test_created_by_me_keeps_what_ended_and_leads_to_the_certificate(visit: Visitors, world: World) -> None:
    enrolled = scenery.enroll(world)
    assert enrolled.certificate is not None
    page = visit("requester").get("/workflow/my?tab=created").content.decode()
    assert f"/certificates/{enrolled.certificate.pk}" in page
    assert "Issued" in page
    others = visit("operator").get("/workflow/my?tab=created").content.decode()
    assert str(enrolled.instance.guid) not in others


def test_empty_tabs_say_what_to_do(visit: Visitors) -> None:
    assert "Nothing waits for your signature" in visit("approver").get("/workflow/my").content.decode()
    page = visit("requester").get("/workflow/my").content.decode()
    assert "You have not requested anything yet" in page
    assert 'href="/enroll/csr"' in page


def test_created_by_me_is_sorted_and_paged(visit: Visitors, world: World) -> None:
    guids = [str(scenery.enroll(world).instance.guid) for _ in range(3)]
    client = visit("requester")

    def order(query: str) -> list[str]:
        page = client.get(f"/workflow/my?tab=created{query}").content.decode()
        return re.findall(r'<a class="lead[^"]*" href="/workflow/instances/([^"]*)"', page)

    assert order("") == guids[::-1]
    assert order("&sort=StartDate") == guids
    assert order("&sort=StartDate&descending=1") == guids[::-1]
    assert order("&sort=NoSuchField") == guids[::-1]
    assert order("&page=99") == guids[::-1]
