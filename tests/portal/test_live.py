"""Pages that follow something: they ask every few seconds, without a query while nothing is new."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from html import unescape

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext

from portal import live
from tests import builders
from tests import world as scenery
from tests.portal.conftest import Visitors
from tests.world import World
from workflows.actions import approvals, instances
from workflows.engine.changes import changes
from workflows.engine.queue import Queue
from workflows.models import Instance, Role
from workflows.vocabulary.statuses import InstanceStatus

pytestmark = pytest.mark.django_db(transaction=True)

ASKING = {"HX-Request": "true"}


@pytest.fixture
def waiting(world: World) -> Instance:
    scenery.needs_approvals(world, 2)
    return scenery.enroll(world).instance


def address(client: Client, path: str) -> str:
    """What the page at `path` asks every few seconds."""
    found = re.search(r'hx-get="([^"]*)"', client.get(path).content.decode())
    assert found
    return unescape(found[1])


def ask(client: Client, address: str) -> HttpResponse:
    return client.get(address, headers=ASKING)


def queries_of(client: Client, address: str, status: int = 204) -> int:
    with CaptureQueriesContext(connection) as queries:
        assert ask(client, address).status_code == status
    return len(queries)


def until(holds: Callable[[], bool]) -> None:
    end = time.monotonic() + 30
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.01)


def listens() -> bool:
    changes().begin_reading(-1)
    return changes()._hears


def path_of(instance: Instance) -> str:
    return f"/workflow/instances/{instance.guid}"


def approve(world: World, instance: Instance, by: str = "approver") -> None:
    approvals.approve(instance.guid, actor=world.actor(by), step_name="RequireApproval1")


@pytest.mark.parametrize("page", ["/workflow/instances/{}", "/enroll/{}"])
def test_while_nothing_is_new_an_answer_costs_no_query(visit: Visitors, waiting: Instance, page: str) -> None:
    until(listens)
    client = visit("requester")
    asks = address(client, page.format(waiting.guid))
    assert queries_of(client, asks) > 0, "the first looks and remembers"
    answer = ask(client, asks)
    assert (answer.status_code, answer.content) == (204, b"")
    assert "no-store" in answer.headers["Cache-Control"]
    assert queries_of(client, asks) == 0


def test_what_is_new_is_shown_and_then_asking_costs_nothing_again(
    visit: Visitors, world: World, waiting: Instance
) -> None:
    until(listens)
    client = visit("operator")
    asks = address(client, path_of(waiting))
    ask(client, asks)
    approve(world, waiting)
    until(lambda: ask(client, asks).status_code == 200)
    page = ask(client, asks).content.decode()
    assert "Awaiting 1 more approval(s)" in page
    found = re.search(r'hx-get="([^"]*)"', page)
    assert found
    until(lambda: queries_of(client, unescape(found[1])) == 0)


def test_it_ends_when_the_instance_has(visit: Visitors, world: World, waiting: Instance) -> None:
    client = visit("operator")
    asks = address(client, path_of(waiting))
    instances.stop(waiting.guid, actor=world.actor("operator"))
    until(lambda: ask(client, asks).status_code == 286)
    assert "hx-trigger" not in ask(client, asks).content.decode()


def test_without_a_listener_each_answer_asks_the_database(
    visit: Visitors, world: World, waiting: Instance, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("workflows.engine.listening.parameters", lambda: {"host": "/nowhere"})
    client = visit("operator")
    asks = address(client, path_of(waiting))
    for _ in range(2):
        assert queries_of(client, asks) > 0
    approve(world, waiting)
    assert ask(client, asks).status_code == 200


def test_a_mass_event_that_waits_for_people_is_told_of(
    visit: Visitors, world: World, waiting: Instance
) -> None:
    until(listens)
    Instance.objects.filter(pk=waiting.pk).update(queue=Queue.BULK)
    client = visit("operator")
    asks = address(client, path_of(waiting))
    ask(client, asks)
    assert queries_of(client, asks) == 0
    approve(world, waiting)
    until(lambda: ask(client, asks).status_code == 200)


def test_mass_events_run_on_in_silence_so_they_are_looked_at(visit: Visitors, waiting: Instance) -> None:
    until(listens)
    Instance.objects.filter(pk=waiting.pk).update(queue=Queue.BULK, status=InstanceStatus.Running)
    client = visit("operator")
    asks = address(client, path_of(waiting))
    for _ in range(2):
        assert queries_of(client, asks) > 0


def test_a_deleted_instance_is_gone(visit: Visitors, world: World) -> None:
    until(listens)
    scenery.needs_approvals(world)
    instance = scenery.enroll(world).instance
    client = visit("operator")
    asks = address(client, path_of(instance))
    ask(client, asks)
    instances.stop(instance.guid, actor=world.actor("operator"))
    instances.delete(instance.guid, actor=world.actor("operator"))
    until(lambda: ask(client, asks).status_code == 404)


class TestStrangers:
    """Learn nothing from an address that somebody else asks, not even that nothing is new."""

    def test_without_a_session(self, visit: Visitors, waiting: Instance) -> None:
        until(listens)
        asks = address(visit("operator"), path_of(waiting))
        ask(visit("operator"), asks)
        assert ask(Client(), asks).status_code == 302
        assert ask(visit("stranger"), asks).status_code == 403

    def test_after_the_log_out(self, visit: Visitors, waiting: Instance) -> None:
        until(listens)
        client = visit("operator")
        asks = address(client, path_of(waiting))
        ask(client, asks)
        client.post("/logout")
        assert ask(client, asks).status_code == 302

    def test_with_the_note_of_another_page(self, visit: Visitors, world: World, waiting: Instance) -> None:
        until(listens)
        other = scenery.enroll(world).instance
        client = visit("requester")
        since = address(client, path_of(waiting)).partition("?")[2]
        ask(client, f"{path_of(waiting)}?{since}")
        assert ask(client, f"{path_of(other)}?{since}").status_code == 200

    @pytest.mark.parametrize("since", ["", "x", "WzFd:abc:def"])
    def test_with_a_note_that_nobody_signed(self, visit: Visitors, waiting: Instance, since: str) -> None:
        client = visit("operator")
        assert ask(client, f"{path_of(waiting)}?since={since}").status_code == 200
        assert ask(Client(), f"{path_of(waiting)}?since={since}").status_code == 302

    def test_who_may_no_longer_see_it_is_refused_at_the_next_change(
        self, visit: Visitors, world: World, waiting: Instance
    ) -> None:
        until(listens)
        client = visit("operator")
        asks = address(client, path_of(waiting))
        ask(client, asks)
        Role.objects.get(name="Operators").members.clear()
        approve(world, waiting)
        until(lambda: ask(client, asks).status_code == 403)

    def test_a_note_ends(
        self, visit: Visitors, world: World, waiting: Instance, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        until(listens)
        client = visit("operator")
        asks = address(client, path_of(waiting))
        ask(client, asks)
        Role.objects.get(name="Operators").members.clear()
        monkeypatch.setattr(live, "TRUSTED_SECONDS", -1)
        assert ask(client, asks).status_code == 403


def test_a_page_that_is_only_opened_is_a_page(visit: Visitors, waiting: Instance) -> None:
    client = visit("operator")
    assert client.get(address(client, path_of(waiting))).status_code == 200


def test_a_list_says_that_something_is_new(visit: Visitors, world: World) -> None:
    until(listens)
    scenery.enroll(world)
    client, path = visit("operator"), "/workflow/instances?value=appsrvr12"
    asks = address(client, path)
    ask(client, asks)
    until(lambda: queries_of(client, asks) == 0)
    scenery.enroll(world, csr=scenery.csr("other.keyexample.com"))
    until(lambda: queries_of(client, asks) > 0)
    until(lambda: queries_of(client, asks) == 0)
    scenery.enroll(world)
    until(lambda: ask(client, asks).status_code == 200)
    fragment = ask(client, asks).content.decode()
    assert "1 new instance. Show it" in fragment
    assert f'href="{path}"' in fragment
    assert "<table" not in fragment
    again = re.search(r'hx-get="([^"]*)"', fragment)
    assert again
    until(lambda: queries_of(client, unescape(again[1])) == 0)
    assert client.get(asks.replace("after=", "after=x"), headers=ASKING).status_code == 200
    assert ask(Client(), asks).status_code == 302


@pytest.mark.parametrize(
    ("person", "path", "cell"),
    [
        ("operator", "/workflow/instances", "Status-{}"),
        ("requester", "/workflow/my?tab=created", "Status-{}"),
        ("approver", "/workflow/my?tab=decided", "Status-"),
    ],
)
def test_a_list_writes_anew_what_has_changed_of_its_rows(
    visit: Visitors, world: World, waiting: Instance, *, person: str, path: str, cell: str
) -> None:
    approve(world, waiting)
    other = scenery.enroll(world).instance
    until(listens)
    client = visit(person)
    asks = address(client, path)
    ask(client, asks)
    until(lambda: queries_of(client, asks) == 0)
    approve(world, waiting, by="second_approver")
    builders.run_until_quiet()
    until(lambda: ask(client, asks).status_code == 200)
    fragment = ask(client, asks).content.decode()
    name = cell.format(waiting.pk)
    assert re.search(rf'<td id="{name}[^>]* hx-swap-oob="true">.*?Complete', fragment, re.DOTALL)
    assert f'{cell.format(other.pk)}"' not in fragment
    assert "Show it" not in fragment
    again = re.search(r'hx-get="([^"]*)"', fragment)
    assert again
    until(lambda: queries_of(client, unescape(again[1])) == 0)


def test_what_may_be_done_with_a_changed_row_is_written_anew_too(
    visit: Visitors, world: World, waiting: Instance
) -> None:
    client = visit("operator")
    asks = address(client, "/workflow/instances?value=appsrvr12")
    assert 'data-may="stop restart ' in client.get("/workflow/instances").content.decode()
    instances.stop(waiting.guid, actor=world.actor("operator"))
    until(lambda: ask(client, asks).status_code == 200)
    fragment = ask(client, asks).content.decode()
    menu = re.search(rf'<ul id="actions-{waiting.pk}" data-may="([^"]*)" hx-swap-oob="true">', fragment)
    assert menu
    assert menu[1].split() == ["restart", "delete"]
    assert f"/{waiting.guid}/stop" not in fragment
    assert f'/{waiting.guid}/delete?back=value%3Dappsrvr12"' in fragment, "back to the list, not to its news"


@pytest.mark.parametrize("rows", ["", "x", "1", "1.", "9" * 40 + ".0", ",".join(["1.a"] * 5_000), "٢.a"])
def test_nonsense_about_rows_is_no_row(visit: Visitors, waiting: Instance, rows: str) -> None:
    asked = {"after": "0", "since": "x", "rows": rows}
    answer = visit("operator").get("/workflow/instances", asked, headers=ASKING)
    assert answer.status_code == 200
    assert "1 new instance" in answer.content.decode()
