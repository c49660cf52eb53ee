"""Saved searches and columns of the lists of instances: each person's own."""

from __future__ import annotations

import re
from html import escape, unescape
from urllib.parse import urlencode

import pytest
from django.test import Client

from config.web_worker import LONGEST_LINE
from portal import paging, saved_searches
from tests import builders
from tests import world as scenery
from tests.portal.conftest import Visitors
from tests.world import World
from workflows.actions import approvals, searches
from workflows.models import Instance, SavedSearch

LIST = "/workflow/instances"
FAILED = {"field": "Status", "comparison": "-eq", "value": "Failed", "sort": "Title", "columns": "Status"}


@pytest.fixture
def instance(world: World) -> Instance:
    return scenery.enroll(world).instance


def save(client: Client, name: str, **parameters: str) -> str:
    answer = client.post(f"{LIST}/searches", {"name": name, "back": urlencode(parameters)})
    assert answer.status_code == 302
    return answer.headers["Location"]


def page_of(client: Client, path: str = LIST) -> str:
    return client.get(path).content.decode()


def chips(page: str) -> dict[str, str]:
    """The saved searches and where they lead."""
    part = page.partition('aria-label="Saved searches"')[2].partition("</ul>")[0]
    found = re.findall(r'<a href="([^"]*)".*?<bdi>(.*?)</bdi>', part, re.DOTALL)
    return {name: unescape(url) for url, name in found}


def heads(page: str) -> list[str]:
    found = re.findall(r'<th scope="col"[^>]*>(.*?)</th>', page, re.DOTALL)
    return [re.sub(r"<.*?>", "", each).strip() for each in found][1:-1]


def said(page: str) -> tuple[str, str]:
    """What the row of Assigned to Me says below its title, and how many approvals it has."""
    facts = re.search(r'<p class="meta" id="facts-.*?</p>', page, re.DOTALL)
    assert facts
    quorum = re.search(r"\d of \d approvals", page)
    return " ".join(unescape(re.sub(r"<.*?>", "", facts[0])).split()), quorum[0] if quorum else ""


def decided_heads(page: str) -> list[str]:
    found = re.findall(r'<th scope="col"[^>]*>(.*?)</th>', page, re.DOTALL)
    return [re.sub(r"<.*?>", "", each).strip() for each in found][1:]


def test_a_search_is_kept_with_order_and_columns(visit: Visitors, instance: Instance) -> None:
    client = visit("operator")
    there = save(client, "  My   failures ", **FAILED, page="3", tick="all")
    assert there == f"{LIST}?{urlencode(FAILED)}"
    page = page_of(client)
    assert chips(page) == {"My failures": there}
    assert "Saved as “My failures”." in page
    assert 'aria-current="true"' not in page
    assert 'aria-current="true"' in page_of(client, there)


def test_it_is_nobody_elses(visit: Visitors, world: World, instance: Instance) -> None:
    save(visit("operator"), "Mine", **FAILED)
    found = SavedSearch.objects.get()
    builders.role("Readers", world.stranger, permissions=["/workflows/instances/read/"])
    assert not chips(page_of(visit("stranger")))
    path = f"{LIST}/searches/{found.pk}"
    assert visit("stranger").get(path).status_code == 404
    assert visit("stranger").post(path, {"delete": "1"}).status_code == 404
    assert SavedSearch.objects.count() == 1


def test_the_same_name_takes_its_place(visit: Visitors, instance: Instance) -> None:
    client = visit("operator")
    save(client, "One", value="first")
    save(client, "One", value="second")
    assert chips(page_of(client)) == {"One": f"{LIST}?value=second"}


def test_rename_and_delete(visit: Visitors, instance: Instance) -> None:
    client = visit("operator")
    save(client, "One", value="a")
    save(client, "Two", value="b")
    path = f"{LIST}/searches/{SavedSearch.objects.get(name='One').pk}"
    assert 'value="One"' in page_of(client, path)
    refused = client.post(path, {"name": "Two"})
    assert refused.status_code == 400
    assert "You have another search of this name." in refused.content.decode()
    assert client.post(path, {"name": "First"}).headers["Location"] == f"{LIST}?value=a"
    assert set(chips(page_of(client))) == {"First", "Two"}
    client.post(path, {"delete": "1"})
    assert set(chips(page_of(client))) == {"Two"}


@pytest.mark.parametrize(
    ("name", "parameters", "words"),
    [
        ("", {"value": "x"}, "Give the search a name"),
        ("   ", {"value": "x"}, "Give the search a name"),
        ("x" * 81, {"value": "x"}, "at most 80 characters"),
        ("Nothing", {"page": "2"}, "Search for something"),
        ("Long", {"query": "x" * 3_995}, "too long to be saved"),
        ("Quoted", {"query": '"' * 1_332}, "too long to be saved"),
        ("Odd", {"value": "\0"}, "what no text holds"),
    ],
)
def test_what_cannot_be_saved_is_said(
    visit: Visitors, instance: Instance, name: str, parameters: dict[str, str], words: str
) -> None:
    answer = visit("operator").post(f"{LIST}/searches", {"name": name, "back": urlencode(parameters)})
    page = answer.content.decode()
    assert answer.status_code == 400
    assert words in page
    assert f'value="{name}"' in page, "what was typed is not lost"
    assert f'name="back" value="{escape(urlencode(parameters))}"' in page
    assert not SavedSearch.objects.exists()


def test_the_longest_search_and_all_that_is_done_with_it_fits_into_a_request(
    visit: Visitors, instance: Instance
) -> None:
    longest = {"query": '"' * 1_331}
    there = save(visit("operator"), "Longest", **longest)
    assert len(f"GET {there} HTTP/1.1\r\n") < LONGEST_LINE
    assert len(f"GET {LIST}?{'x' * saved_searches.LONGEST_URL} HTTP/1.1\r\n") < LONGEST_LINE
    ticked = {"operation": "definition", "instance": [str(instance.guid)] * paging.SIZE}
    asked = urlencode({"back": urlencode(longest), **ticked}, doseq=True)
    assert len(f"GET {LIST}/selected?{asked} HTTP/1.1\r\n") < LONGEST_LINE


def test_there_are_not_too_many(visit: Visitors, instance: Instance) -> None:
    client = visit("operator")
    for number in range(searches.MOST):
        save(client, f"Search {number}", value="x")
    client.post(f"{LIST}/columns", {"columns": "Status"})
    refused = client.post(f"{LIST}/searches", {"name": "One more", "back": "value=x"})
    assert "delete one first" in refused.content.decode()
    save(client, "Search 0", value="y")
    assert SavedSearch.objects.exclude(name="").count() == searches.MOST


def test_markup_in_a_name_is_text(visit: Visitors, instance: Instance) -> None:
    client = visit("operator")
    save(client, "<b>bold</b> 🧾", value="x")
    page = page_of(client)
    assert "&lt;b&gt;bold&lt;/b&gt; 🧾" in page
    assert "<b>bold" not in page


def test_the_list_opens_with_the_columns_one_likes(visit: Visitors, instance: Instance) -> None:
    client = visit("operator")
    usual = heads(page_of(client))
    assert usual == [
        "Definition",
        "Type",
        "Status",
        "Current Step",
        "Started",
        "Last Modified",
        "Reference Id",
    ]
    answer = client.post(
        f"{LIST}/columns",
        {"columns": ["Id", "StatusMessage", "Nonsense"], "back": "value=app&columns=Status"},
    )
    assert answer.headers["Location"] == f"{LIST}?value=app"
    page = page_of(client)
    assert heads(page) == ["Message", "Id"]
    assert str(instance.guid) in page
    assert heads(page_of(client, f"{LIST}?columns=Status")) == ["Status"]
    client.post(f"{LIST}/columns", {"usual": "1", "columns": ["Id"]})
    assert heads(page_of(client)) == usual


def test_a_search_keeps_the_columns_of_the_address(visit: Visitors, instance: Instance) -> None:
    page = page_of(visit("operator"), f"{LIST}?columns=Status&columns=Id")
    assert page.count('<input type="hidden" name="columns" value="Status">') == 2


@pytest.mark.parametrize("path", ["searches", "columns"])
def test_only_who_sees_the_list_may(visit: Visitors, instance: Instance, path: str) -> None:
    assert visit("requester").post(f"{LIST}/{path}", {"name": "x", "back": "value=x"}).status_code == 403
    assert visit("operator").get(f"{LIST}/{path}").status_code == 405


@pytest.mark.parametrize(
    ("fact", "value", "is_found"),
    [
        ("Template", "WebServer", True),
        ("Template", "CodeSigning", False),
        ("Nothing", "WebServer", False),
        ("SANs.DNS Name.Entry 1", "appsrvr12.keyexample.com", True),
    ],
)
def test_facts_are_filtered_by(
    visit: Visitors, instance: Instance, fact: str, value: str, is_found: bool
) -> None:
    query = urlencode({"field": "Data", "fact": fact, "comparison": "-contains", "value": value})
    page = page_of(visit("operator"), f"{LIST}?{query}")
    assert (str(instance.guid) in page) is is_found
    assert '<option value="-eq" selected>' in page, "facts know nothing but equality"
    assert f'name="fact" value="{fact}"' in page


class TestMyWorkflows:
    """Each list keeps its own searches, under names that are the person's own."""

    TAB = "/workflow/my?tab=created"
    MINE = {"tab": "created", "field": "Title", "comparison": "-contains", "value": "appsrvr12"}

    def test_a_search_stands_above_the_tab_that_it_was_made_on(
        self, visit: Visitors, instance: Instance
    ) -> None:
        client = visit("requester")
        there = save(client, "My server", **self.MINE)
        assert there == f"/workflow/my?{urlencode(self.MINE)}"
        assert chips(page_of(client, self.TAB)) == {"My server": there}
        assert instance.record.title in unescape(page_of(client, there)).replace("<wbr>", "")
        assert chips(page_of(visit("operator"))) == {}

    def test_the_first_tab_need_not_name_itself(self, visit: Visitors, instance: Instance) -> None:
        page = page_of(visit("requester"), "/workflow/my")
        assert re.search(r'name="back" value="tab=created"', page)

    def test_no_list_takes_the_name_from_another(self, visit: Visitors, instance: Instance) -> None:
        client = visit("operator")
        save(client, "Mine", **FAILED)
        answer = client.post(f"{LIST}/searches", {"name": "Mine", "back": urlencode(self.MINE)})
        assert answer.status_code == 400
        assert "for another list; choose another name" in answer.content.decode()
        assert "/workflow/my?tab=created" in unescape(answer.content.decode())
        assert SavedSearch.objects.get(name="Mine").parameters["field"] == "Status"

    def test_a_deleted_one_leads_back_to_its_tab(self, visit: Visitors, instance: Instance) -> None:
        client = visit("requester")
        save(client, "My server", **self.MINE)
        kept = SavedSearch.objects.get(name="My server")
        answer = client.post(f"{LIST}/searches/{kept.pk}", {"delete": "1"})
        assert answer.headers["Location"] == self.TAB

    def test_created_by_me_opens_with_the_columns_that_were_chosen(
        self, visit: Visitors, instance: Instance
    ) -> None:
        client = visit("requester")
        assert heads(page_of(client, self.TAB)) == ["Status", "Started", "Last Modified"]
        chosen = {"columns": ["Status", "ReferenceId", "InitiatingUserName"], "back": "tab=created"}
        answer = client.post(f"{LIST}/columns", chosen)
        assert answer.headers["Location"] == self.TAB
        assert heads(page_of(client, self.TAB)) == ["Status", "Reference Id"]
        client.post(f"{LIST}/columns", {"usual": "1", "back": "tab=created"})
        assert heads(page_of(client, self.TAB)) == ["Status", "Started", "Last Modified"]

    def test_each_list_has_columns_of_its_own(self, visit: Visitors, instance: Instance) -> None:
        client = visit("operator")
        client.post(f"{LIST}/columns", {"columns": ["Status", "Id"], "back": ""})
        client.post(f"{LIST}/columns", {"columns": ["ReferenceId"], "back": "tab=created"})
        assert heads(page_of(client)) == ["Status", "Id"]


class TestColumnsOfApprovers:
    """Assigned to Me says what was chosen below each title; Decided by Me has columns."""

    ASSIGNED, DECIDED = "/workflow/my?tab=assigned", "/workflow/my?tab=decided"

    @pytest.fixture
    def waiting(self, world: World) -> Instance:
        scenery.needs_approvals(world, 2)
        return scenery.enroll(world).instance

    @pytest.fixture
    def decided(self, world: World, waiting: Instance) -> Instance:
        approvals.approve(waiting.guid, actor=world.actor("approver"), step_name="RequireApproval1")
        return waiting

    def test_what_waits_says_what_was_chosen(self, visit: Visitors, waiting: Instance) -> None:
        client = visit("approver")
        assert said(page_of(client, self.ASSIGNED)) == (
            "WebServer · ECC P-256 · 1 name Approve arrived just now",
            "0 of 2 approvals",
        )
        chosen = {"columns": ["InitiatingUserName", "ReferenceId", "LastModified"], "back": "tab=assigned"}
        assert client.post(f"{LIST}/columns", chosen).headers["Location"] == self.ASSIGNED
        page = page_of(client, self.ASSIGNED)
        assert said(page) == (f"started by COUNTERSIGN\\requester Reference Id {waiting.pk}", "")
        assert page.count(f'href="/workflow/my/{waiting.guid}"') == 2, "title and Review are always there"
        assert said(page_of(visit("second_approver"), self.ASSIGNED))[1] == "0 of 2 approvals"
        client.post(f"{LIST}/columns", {"usual": "1", "back": "tab=assigned"})
        assert said(page_of(client, self.ASSIGNED))[1] == "0 of 2 approvals"

    @pytest.mark.parametrize(
        ("name", "words"),
        [
            ("Facts", "WebServer · ECC P-256 · 1 name"),
            ("DefinitionDisplayName", "WebServer with approval, version 1"),
            ("WorkflowType", "Enrollment"),
            ("CurrentStepDisplayName", "Approve"),
            ("InitiatingUserName", "started by COUNTERSIGN\\requester"),
            ("StartDate", "started just now"),
            ("Arrived", "arrived just now"),
            ("Id", "{guid}"),
        ],
    )
    def test_every_one_is_shown(self, visit: Visitors, waiting: Instance, name: str, words: str) -> None:
        page = page_of(visit("approver"), f"{self.ASSIGNED}&columns={name}")
        assert said(page) == (words.format(guid=waiting.guid), "")
        assert f'value="{name}" checked>' in page

    def test_decisions_have_columns(self, visit: Visitors, decided: Instance) -> None:
        client = visit("approver")
        assert decided_heads(page_of(client, self.DECIDED)) == [
            "Your decision",
            "Decided",
            "What became of it",
        ]
        every = ["Approved", "StepUniqueName", "DefinitionDisplayName", "InitiatingUserName", "Id"]
        client.post(f"{LIST}/columns", {"columns": every, "back": "tab=decided"})
        page = page_of(client, self.DECIDED)
        assert decided_heads(page) == ["Your decision", "Step", "Definition", "Started by", "Id"]
        for words in ("RequireApproval1", "WebServer with approval", str(decided.guid)):
            assert words in page
        assert decided_heads(page_of(client, f"{self.DECIDED}&columns=Status")) == ["What became of it"]

    @pytest.mark.parametrize("name", ["Approved", "StepUniqueName", "InitiatingUserName", "Id"])
    def test_decisions_are_sorted_by_what_is_shown(
        self, visit: Visitors, decided: Instance, name: str
    ) -> None:
        page = page_of(visit("approver"), f"{self.DECIDED}&columns={name}&sort={name}")
        assert 'aria-sort="ascending"' in page

    @pytest.mark.parametrize("tab", ["assigned", "decided"])
    def test_a_search_of_a_tab_keeps_its_columns(
        self, visit: Visitors, world: World, decided: Instance, tab: str
    ) -> None:
        scenery.enroll(world)
        client = visit("approver")
        there = save(client, "Ids", tab=tab, columns="Id")
        assert there == f"/workflow/my?tab={tab}&columns=Id"
        page = page_of(client, there)
        assert chips(page) == {"Ids": there}
        assert '<input type="hidden" name="columns" value="Id">' in page
        assert page.count(' checked><label for="column-') == 1

    def test_of_a_tab_that_is_not_there_nothing_is_kept(self, visit: Visitors, waiting: Instance) -> None:
        client = visit("approver")
        client.post(f"{LIST}/columns", {"columns": ["Id"], "back": "tab=nonsense"})
        assert said(page_of(client, self.ASSIGNED))[1] == "0 of 2 approvals"
