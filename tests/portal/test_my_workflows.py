"""Workflow → My Workflows."""

from __future__ import annotations

import re

import pytest

from tests import builders
from tests import world as scenery
from tests.portal.conftest import Visitors
from tests.world import World
from workflows.actions import approvals
from workflows.models import Instance
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
@pytest.mark.parametrize("asked", ["", "?tab=assigned", "?tab=created", "?tab=decided", "?tab=nonsense"])
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
    assert "WebServer · ECC P-256 · 2 names" in page
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
        return re.findall(r'<a class="lead[^"]*" href="/workflow/instances/([^"?]*)[?"]', page)

    assert order("") == guids[::-1]
    assert order("&sort=StartDate") == guids
    assert order("&sort=StartDate&descending=1") == guids[::-1]
    assert order("&sort=NoSuchField") == guids[::-1]
    assert order("&page=99") == guids[::-1]


def decide(world: World, *, approved: bool, comment: str, name: str = "appsrvr12.keyexample.com") -> Instance:
    instance = scenery.enroll(world, csr=scenery.csr(name)).instance
    verb = approvals.approve if approved else approvals.deny
    verb(instance.guid, actor=world.actor("approver"), step_name="RequireApproval1", comment=comment)
    builders.run_until_quiet()
    return instance


def test_decided_by_me_says_what_became_of_it(visit: Visitors, world: World) -> None:
    scenery.needs_approvals(world)
    denied = decide(world, approved=False, comment="Which <b>team</b>?")
    decide(world, approved=True, comment="Fine.", name="b.keyexample.com")
    page = visit("approver").get("/workflow/my?tab=decided").content.decode()
    for words in ("Denied", "Which &lt;b&gt;team&lt;/b&gt;?", "Rejected", "Approved", "Fine.", "Issued"):
        assert words in page
    assert page.index("CN=b.keyexample.com") < page.index("CN=appsrvr12.<wbr>keyexample.com"), (
        "the last first"
    )
    assert f"/workflow/instances/{denied.guid}" not in page, "deciding opens no page that he may not read"
    assert not builders.actor(world.approver).may(Permission.WORKFLOW_INSTANCES_READ)
    builders.role("Readers", world.approver, permissions=[Permission.WORKFLOW_INSTANCES_READ])
    again = visit("approver").get("/workflow/my?tab=decided").content.decode()
    assert f"/workflow/instances/{denied.guid}" in again


def test_decided_by_me_opens_with_the_first_decision(visit: Visitors, world: World) -> None:
    scenery.needs_approvals(world)
    assert tabs(visit("approver").get("/workflow/my").content.decode()) == ["assigned"]
    decide(world, approved=True, comment="")
    assert tabs(visit("approver").get("/workflow/my").content.decode()) == ["assigned", "decided"]
    others = visit("second_approver").get("/workflow/my?tab=decided").content.decode()
    assert tabs(others) == ["assigned"]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", 2),
        ("&field=Approved&comparison=-eq&value=false", 1),
        ("&field=Comment&value=team", 1),
        ("&field=Title&value=nothing", 0),
        ("&query=Approved -eq true AND Status -eq Complete", 1),
        ("&field=WorkflowType&comparison=-eq&value=Enrollment", 2),
        ("&field=Data&fact=Template&value=WebServer", 2),
        ("&query=Approved -eq true AND Data.Template -eq WebServer", 1),
        ("&query=Data.Template -ne WebServer", 0),
        ("&sort=Title", 2),
        ("&page=9", 2),
    ],
)
def test_decided_by_me_is_searched(visit: Visitors, world: World, query: str, found: int) -> None:
    scenery.needs_approvals(world)
    decide(world, approved=False, comment="Which team?")
    decide(world, approved=True, comment="Fine.")
    page = visit("approver").get(f"/workflow/my?tab=decided{query}").content.decode()
    assert page.count("Reference Id ") == found
    assert '<datalist id="known-facts"><option value="Template">' in page
    assert ("Nothing matches" in page) is (found == 0)


@pytest.mark.parametrize(
    ("person", "tab", "match", "miss"),
    [
        ("approver", "assigned", "value=appsrvr12", "value=nothing"),
        (
            "approver",
            "assigned",
            "field=Data&fact=Template&value=WebServer",
            "field=Data&fact=Template&value=x",
        ),
        ("requester", "created", "field=Status&comparison=-eq&value=Suspended", "field=Id&comparison=-null"),
    ],
)
def test_tabs_are_filtered(
    visit: Visitors, world: World, *, person: str, tab: str, match: str, miss: str
) -> None:
    scenery.needs_approvals(world)
    guid = str(scenery.enroll(world).instance.guid)
    client = visit(person)
    page = client.get(f"/workflow/my?tab={tab}&{match}").content.decode()
    assert guid in page
    assert f'<input type="hidden" name="tab" value="{tab}">' in page
    nothing = client.get(f"/workflow/my?tab={tab}&{miss}").content.decode()
    assert guid not in nothing
    assert f'href="/workflow/my?tab={tab}"' in nothing


@pytest.mark.parametrize("tab", ["assigned", "created", "decided"])
def test_a_query_that_cannot_be_understood_is_said(visit: Visitors, world: World, tab: str) -> None:
    scenery.needs_approvals(world)
    decide(world, approved=True, comment="")
    reader = Permission.WORKFLOW_INSTANCES_READ
    builders.role("Readers", world.approver, permissions=[reader])
    answer = visit("approver").get(f"/workflow/my?tab={tab}&query=Status -is x")
    assert answer.status_code == 400
    assert "cannot be understood at character 8" in answer.content.decode()


def test_each_tab_offers_what_belongs_to_it(visit: Visitors, world: World) -> None:
    """Instances has the operations, Assigned to Me the review, Created and Decided by Me neither."""
    scenery.needs_approvals(world)
    guid = scenery.enroll(world, by="requester").instance.guid
    decide(world, approved=True, comment="")
    for person, tab, review in (
        ("approver", "assigned", True),
        ("requester", "created", False),
        ("approver", "decided", False),
    ):
        page = visit(person).get(f"/workflow/my?tab={tab}").content.decode()
        assert (f'href="/workflow/my/{guid}"' in page) is review
        assert "/stop" not in page
        assert 'name="instance"' not in page


def test_what_waits_is_sorted_as_asked(visit: Visitors, world: World) -> None:
    scenery.needs_approvals(world)
    for name in ("b", "c", "a"):
        scenery.enroll(world, csr=scenery.csr(f"{name}.keyexample.com"))

    def order(query: str) -> str:
        page = visit("approver").get(f"/workflow/my?tab=assigned{query}").content.decode()
        return "".join(re.findall(r"data-row>[^<]*CN=(\w)\.", page))

    assert order("") == "bca"
    assert order("&sort=Title") == "abc"
    assert order("&sort=Title&descending=1") == "cba"
    assert order("&sort=Nonsense") == "bca"
    assert (
        'href="?tab=assigned&amp;sort=Title&amp;descending=1" aria-current="true"'
        in visit("approver").get("/workflow/my?tab=assigned&sort=Title").content.decode()
    )
