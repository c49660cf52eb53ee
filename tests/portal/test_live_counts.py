"""Numbers around a list that follows: of the sidebar, of a tab, of the quick filters by status."""

from __future__ import annotations

import re
from html import unescape

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from tests import builders
from tests import world as scenery
from tests.portal.conftest import Visitors
from tests.portal.test_live import address, approve, ask, listens, queries_of, until
from tests.world import World
from workflows.actions import instances
from workflows.engine import starting
from workflows.engine.queue import Queue
from workflows.engine.starting import Seed
from workflows.models import Instance
from workflows.vocabulary.statuses import InstanceStatus

pytestmark = pytest.mark.django_db(transaction=True)

ASSIGNED = "/workflow/my?tab=assigned"
NOTHING_FITS = "/workflow/instances?value=nothing+fits"


@pytest.fixture
def waiting(world: World) -> Instance:
    scenery.needs_approvals(world)
    return scenery.enroll(world).instance


def numbers(html: str) -> dict[str, str]:
    """What stands in each holder of a number, by its id."""
    found = re.findall(
        r'<(span|ul) [^>]*id="([^"]*number[^"]*|status-counts)"([^>]*)>(.*?)</\1>\n', html, re.DOTALL
    )
    return {id_: text(inner) for _tag, id_, _rest, inner in found}


def text(html: str) -> str:
    return " ".join(unescape(re.sub(r"<.*?>", " ", html, flags=re.DOTALL)).split())


def told(client: Client, asks: str) -> str:
    """The answer with something new; all numbers of it are to be swapped."""
    until(lambda: ask(client, asks).status_code == 200)
    fragment = ask(client, asks).content.decode()
    for id_ in numbers(fragment):
        assert re.search(rf'id="{id_}"[^>]* hx-swap-oob="true">', fragment)
    return fragment


def test_what_waits_is_counted_anew(visit: Visitors, world: World, waiting: Instance) -> None:
    client = visit("approver")
    page = client.get(ASSIGNED).content.decode()
    assert numbers(page) == {"waiting-number": "1 1 waits for you", "number-assigned": "1"}
    asks = address(client, ASSIGNED)
    scenery.enroll(world)
    fragment = told(client, asks)
    assert numbers(fragment) == {"waiting-number": "2 2 wait for you", "number-assigned": "2"}


def test_a_number_that_becomes_none_is_empty_and_one_that_was_none_appears(
    visit: Visitors, world: World, waiting: Instance
) -> None:
    client = visit("approver")
    asks = address(client, ASSIGNED)
    approve(world, waiting, by="second_approver")
    assert numbers(told(client, asks)) == {"waiting-number": "", "number-assigned": ""}
    assert numbers(client.get(ASSIGNED).content.decode()) == {"waiting-number": "", "number-assigned": ""}
    asks = address(client, ASSIGNED)
    scenery.enroll(world)
    assert numbers(told(client, asks)) == {"waiting-number": "1 1 waits for you", "number-assigned": "1"}


def test_the_numbers_alone_are_news(visit: Visitors, world: World, waiting: Instance) -> None:
    """No row is shown and none came, and yet; then there is nothing new again."""
    until(listens)
    client = visit("operator")
    assert numbers(client.get(NOTHING_FITS).content.decode())["status-counts"] == "Suspended 1"
    asks = address(client, NOTHING_FITS)
    ask(client, asks)
    until(lambda: queries_of(client, asks) == 0)
    scenery.enroll(world)
    fragment = told(client, asks)
    assert numbers(fragment)["status-counts"] == "Suspended 2"
    assert "Show it" not in fragment
    again = re.search(r'hx-get="([^"]*)"', fragment)
    assert again
    until(lambda: queries_of(client, unescape(again[1])) == 0)


def test_mass_events_that_began_are_counted_some_seconds_later(visit: Visitors, world: World) -> None:
    until(listens)
    client = visit("operator")
    asks = address(client, NOTHING_FITS)
    ask(client, asks)
    until(lambda: queries_of(client, asks) == 0)
    seeds = [Seed(title="A test", initiating_user_name="Timer Service", data={}) for _ in range(2)]
    starting.start_many(builders.publish(builders.noops(3)), seeds, now=timezone.now())
    connection.cursor().execute("SELECT pg_stat_force_next_flush()")
    assert numbers(told(client, asks))["status-counts"] == "Running 2"


@pytest.mark.parametrize(
    ("status", "is_silent"), [(InstanceStatus.Running, True), (InstanceStatus.Complete, False)]
)
def test_only_lists_that_show_a_mass_event_at_work_look_each_time(
    visit: Visitors, status: InstanceStatus, *, is_silent: bool
) -> None:
    instance = builders.start(builders.publish(builders.noops(3)))
    Instance.objects.filter(pk=instance.pk).update(queue=Queue.BULK, status=status)
    until(listens)
    client = visit("operator")
    asks = address(client, "/workflow/instances")
    ask(client, asks)
    if is_silent:
        assert all(queries_of(client, asks) for _ in range(3))
    else:
        until(lambda: queries_of(client, asks) == 0)


def test_the_last_of_a_status_takes_its_quick_filter_along(
    visit: Visitors, world: World, waiting: Instance
) -> None:
    client = visit("operator")
    asks = address(client, NOTHING_FITS)
    instances.stop(waiting.guid, actor=world.actor("operator"))
    builders.run_until_quiet()
    assert '<ul class="chips" id="status-counts" aria-label="Filter by status" hx-swap-oob="true"></ul>' in (
        told(client, asks)
    )


def test_only_numbers_that_the_page_has_are_written(visit: Visitors, world: World, waiting: Instance) -> None:
    """Who never signs has no place for what waits for him."""
    client, path = visit("requester"), "/workflow/my?tab=created"
    assert numbers(client.get(path).content.decode()) == {}
    asks = address(client, path)
    scenery.enroll(world)
    assert numbers(told(client, asks)) == {}
