"""Rows of lists whose instances were deleted meanwhile: they stay, say so, and offer nothing."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone

from tests import builders
from tests import world as scenery
from tests.portal.conftest import Visitors
from tests.portal.test_live import address, ask, listens, queries_of, until
from tests.portal.test_live_queue import made_up, text
from tests.portal.test_live_queue import told as spoken
from tests.world import World
from workflows.access.actors import TIMER_SERVICE
from workflows.actions import approvals, instances, purging
from workflows.models import Instance
from workflows.vocabulary.statuses import InstanceStatus

pytestmark = pytest.mark.django_db(transaction=True)

ALL = "/workflow/instances"
OWN = "/workflow/my?tab=created"
DECIDED = "/workflow/my?tab=decided"


@pytest.fixture
def ended(world: World) -> Instance:
    scenery.needs_approvals(world)
    instance = scenery.enroll(world).instance
    instances.stop(instance.guid, actor=world.actor("operator"))
    builders.run_until_quiet()
    return instance


def delete(world: World, instance: Instance) -> None:
    instances.delete(instance.guid, actor=world.actor("operator"))


def purge(_world: World, _instance: Instance) -> None:
    rule = purging.Rule(timezone.now() + timedelta(days=1), (InstanceStatus.Rejected,))
    assert purging.purge(rule, actor=TIMER_SERVICE).counts


def part(fragment: str, id_: str) -> str:
    found = re.search(rf'<(\w+)[^>]* id="{id_}"[^>]* hx-swap-oob="true">(.*?)</\1>', fragment, re.DOTALL)
    assert found, id_
    return text(found[2])


@pytest.mark.parametrize("become", [delete, purge])
@pytest.mark.parametrize(
    ("person", "path", "said"), [("operator", ALL, ""), ("requester", OWN, "It was deleted.")]
)
def test_a_deleted_row_says_so(
    visit: Visitors,
    world: World,
    ended: Instance,
    *,
    person: str,
    path: str,
    said: str,
    become: Callable[[World, Instance], None],
) -> None:
    other = scenery.enroll(world).instance
    until(listens)
    client = visit(person)
    asks = address(client, path)
    ask(client, asks)
    until(lambda: queries_of(client, asks) == 0)
    become(world, ended)
    until(lambda: ask(client, asks).status_code == 200)
    fragment = ask(client, asks).content.decode()
    assert re.search(rf'<td id="Status-{ended.pk}"', fragment)
    assert part(fragment, f"message-{ended.pk}") == said
    assert f'id="message-{ended.pk}" data-gone' in fragment
    assert spoken(fragment) == "1 of these instances was deleted."
    assert str(ended.guid) not in fragment
    assert f'-{other.pk}"' not in fragment
    again = re.search(r'hx-get="([^"]*)"', fragment)
    assert again
    assert f"{ended.pk}." not in again[1], "it is told once"


def test_it_offers_no_operations_and_no_tick(visit: Visitors, world: World, ended: Instance) -> None:
    client = visit("operator")
    asks, page = address(client, ALL), client.get(ALL).content.decode()
    delete(world, ended)
    until(lambda: ask(client, asks).status_code == 200)
    fragment = ask(client, asks).content.decode()
    assert part(fragment, f"Status-{ended.pk}") == "Deleted"
    for place in ("pick", "tools"):
        assert part(fragment, f"{place}-{ended.pk}") == ""
        assert f'id="{place}-{ended.pk}"' in page
    assert f'id="message-{ended.pk}"' in page


def test_without_a_column_of_statuses_it_says_so_below_the_title(
    visit: Visitors, world: World, ended: Instance
) -> None:
    client = visit("operator")
    asks = address(client, f"{ALL}?columns=ReferenceId")
    delete(world, ended)
    until(lambda: ask(client, asks).status_code == 200)
    fragment = ask(client, asks).content.decode()
    assert part(fragment, f"message-{ended.pk}") == "Deleted"
    assert f"Status-{ended.pk}" not in fragment


def test_a_decision_whose_instance_was_deleted_says_so(
    visit: Visitors, world: World, ended: Instance
) -> None:
    """In every row of it: a person may have decided more than once."""
    decided = scenery.enroll(world).instance
    approvals.deny(decided.guid, actor=world.actor("approver"), step_name="RequireApproval1")
    builders.run_until_quiet()
    client = visit("approver")
    asks, page = address(client, DECIDED), client.get(DECIDED).content.decode()
    assert f'class="under about-{decided.pk}"' in page
    assert f'class="became-{decided.pk}" data-label' in page
    assert ask(client, asks).status_code == 204
    delete(world, decided)
    until(lambda: ask(client, asks).status_code == 200)
    fragment = ask(client, asks).content.decode()
    assert f'<span class="under" data-gone hx-swap-oob="outerHTML:.about-{decided.pk}">' in fragment
    assert "It was deleted; the audit log keeps your decision." in fragment
    became = re.search(
        rf'<td [^>]*hx-swap-oob="outerHTML:.became-{decided.pk}">(.*?)</td>', fragment, re.DOTALL
    )
    assert became
    assert text(became[1]) == "Deleted"
    assert spoken(fragment) == "1 of these instances was deleted."


def test_the_title_of_one_that_waited_and_was_deleted_leads_nowhere(
    visit: Visitors, world: World, ended: Instance
) -> None:
    assert "data-gone" not in made_up(visit, "approver", ended)
    delete(world, ended)
    assert "data-gone" in made_up(visit, "approver", ended)
