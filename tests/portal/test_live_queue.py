"""Assigned to Me while one looks at it: rows that wait no more stay and say what became of them."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import unescape

import pytest

from tests import builders
from tests import world as scenery
from tests.portal.conftest import Visitors
from tests.portal.test_live import address, ask, listens, queries_of, until
from tests.world import World
from workflows.actions import approvals, instances
from workflows.models import Instance, Role
from workflows.vocabulary.permissions import Permission

pytestmark = pytest.mark.django_db(transaction=True)

LIST = "/workflow/my?tab=assigned"
TITLE = "appsrvr12.keyexample.com"


@pytest.fixture
def waiting(world: World) -> Instance:
    scenery.needs_approvals(world)
    return scenery.enroll(world).instance


def answer(world: World, instance: Instance, by: str, *, approved: bool = True) -> None:
    verb = approvals.approve if approved else approvals.deny
    verb(instance.guid, actor=world.actor(by), step_name="RequireApproval1")
    builders.run_until_quiet()


def text(html: str) -> str:
    return " ".join(unescape(re.sub(r"<.*?>", " ", html, flags=re.DOTALL)).split())


def outcome(fragment: str, instance: Instance) -> str:
    beginning = f'<p class="meta outcome" id="facts-{instance.pk}" hx-swap-oob="true">'
    _before, start, rest = fragment.partition(beginning)
    assert start
    return text(rest.partition("</p>")[0])


def told(fragment: str) -> str:
    """What screen readers hear."""
    found = re.search(r'<div id="news".*?<p class="unseen">(.*?)</p></div>', fragment)
    assert found
    return unescape(found[1])


def next_of(fragment: str) -> str:
    """The address that the list asks from there on."""
    found = re.search(r'hx-get="([^"]*)"', fragment)
    assert found
    return unescape(found[1])


def stop(world: World, instance: Instance) -> None:
    instances.stop(instance.guid, actor=world.actor("operator"))
    builders.run_until_quiet()


def restart(world: World, instance: Instance) -> None:
    instances.restart(instance.guid, actor=world.actor("operator"))


@pytest.mark.parametrize(
    ("become", "words"),
    [
        (
            lambda world, one: answer(world, one, "second_approver"),
            r"Complete Approved meanwhile by COUNTERSIGN\\second_approver\.",
        ),
        (
            lambda world, one: answer(world, one, "second_approver", approved=False),
            r"Rejected Denied meanwhile by COUNTERSIGN\\second_approver\.",
        ),
        (lambda world, one: answer(world, one, "approver"), r"Complete You approved it\."),
        (stop, r"Rejected Stopped by COUNTERSIGN\\operator\."),
        (restart, r"Canceled for restart Restarted by COUNTERSIGN\\operator as \d+\."),
    ],
    ids=["approved", "denied", "by oneself", "stopped", "restarted"],
)
def test_a_row_that_waits_no_more_says_what_became_of_it(
    visit: Visitors, world: World, waiting: Instance, become: Callable[[World, Instance], None], words: str
) -> None:
    client = visit("approver")
    asks = address(client, LIST)
    become(world, waiting)
    until(lambda: ask(client, asks).status_code == 200)
    fragment = ask(client, asks).content.decode()
    assert re.fullmatch(words, outcome(fragment, waiting))
    assert f'id="review-{waiting.pk}" type="button" aria-disabled="true"' in fragment
    assert f"/workflow/my/{waiting.guid}" not in fragment
    assert told(fragment).startswith("No longer waits for you: COUNTERSIGN\\requester is enrolling")
    assert ask(client, next_of(fragment)).status_code == 204, "it is told once"


def test_one_that_is_half_signed_is_written_anew_with_what_was_chosen(visit: Visitors, world: World) -> None:
    scenery.needs_approvals(world, 2)
    waiting, other = scenery.enroll(world).instance, scenery.enroll(world).instance
    client = visit("approver")
    asks = address(client, f"{LIST}&columns=ReferenceId&columns=Approvals")
    answer(world, waiting, "second_approver")
    until(lambda: ask(client, asks).status_code == 200)
    fragment = ask(client, asks).content.decode()
    assert "1 of 2 approvals" in fragment
    assert f'<p class="meta" id="facts-{waiting.pk}" hx-swap-oob="true">' in fragment
    assert f"Reference Id {waiting.pk}" in fragment
    assert "arrived" not in fragment
    assert "outcome" not in fragment
    assert f'-{other.pk}"' not in fragment


def test_several_are_counted(visit: Visitors, world: World, waiting: Instance) -> None:
    other = scenery.enroll(world).instance
    client = visit("approver")
    asks = address(client, LIST)
    for each in (waiting, other):
        answer(world, each, "second_approver")
    until(lambda: "2 no longer wait for you." in ask(client, asks).content.decode())


def test_of_one_that_is_deleted_nothing_is_known(visit: Visitors, world: World, waiting: Instance) -> None:
    client = visit("approver")
    asks = address(client, LIST)
    stop(world, waiting)
    instances.delete(waiting.guid, actor=world.actor("operator"))
    until(lambda: ask(client, asks).status_code == 200)
    fragment = ask(client, asks).content.decode()
    assert outcome(fragment, waiting) == told(fragment) == "It no longer waits for you."


def test_one_that_is_deleted_after_it_left_is_told_of_again(
    visit: Visitors, world: World, waiting: Instance
) -> None:
    until(listens)
    client = visit("approver")
    asks = address(client, LIST)
    stop(world, waiting)
    until(lambda: ask(client, asks).status_code == 200)
    asks = next_of(ask(client, asks).content.decode())
    until(lambda: ask(client, asks).status_code == 204 and queries_of(client, asks) == 0)
    instances.delete(waiting.guid, actor=world.actor("operator"))
    until(lambda: ask(client, asks).status_code == 200)
    fragment = ask(client, asks).content.decode()
    assert outcome(fragment, waiting) == told(fragment) == "It was deleted, or you may no longer see it."
    assert "data-gone" in fragment
    assert ask(client, next_of(fragment)).status_code == 204


def test_one_that_goes_on_after_it_left_is_written_anew_without_a_word(
    visit: Visitors, world: World, waiting: Instance
) -> None:
    client = visit("approver")
    asks = address(client, LIST)
    approvals.approve(waiting.guid, actor=world.actor("approver"), step_name="RequireApproval1")
    until(lambda: ask(client, asks).status_code == 200)
    fragment = ask(client, asks).content.decode()
    assert outcome(fragment, waiting) == "Running You approved it."
    asks = next_of(fragment)
    builders.run_until_quiet()
    until(lambda: ask(client, asks).status_code == 200)
    fragment = ask(client, asks).content.decode()
    assert outcome(fragment, waiting) == "Complete You approved it."
    assert '<p class="unseen">' not in fragment


def test_who_lost_the_role_learns_no_more(visit: Visitors, world: World, waiting: Instance) -> None:
    Role.objects.get(name="Approvers").members.remove(world.approver)
    builders.role("Pending", world.approver, permissions=[Permission.WORKFLOW_INSTANCES_READ_PENDING])
    assert outcome(made_up(visit, "approver", waiting), waiting) == "It no longer waits for you."


def test_nobody_learns_of_instances_by_naming_them(visit: Visitors, world: World, waiting: Instance) -> None:
    builders.role("Pending", world.stranger, permissions=[Permission.WORKFLOW_INSTANCES_READ_PENDING])
    fragment = made_up(visit, "stranger", waiting)
    assert outcome(fragment, waiting) == "It no longer waits for you."
    assert TITLE not in fragment


def made_up(visit: Visitors, person: str, instance: Instance) -> str:
    """The answer to a list that says it shows the instance."""
    asked = {"tab": "assigned", "after": "0", "since": "x", "rows": f"{instance.pk}.x"}
    return visit(person).get("/workflow/my", asked, headers={"HX-Request": "true"}).content.decode()


def test_what_waits_at_the_next_step_is_not_counted_as_another(
    visit: Visitors, world: World, waiting: Instance
) -> None:
    """The list shows it already."""
    until(listens)
    client = visit("approver")
    asks = address(client, LIST)
    Instance.objects.filter(pk=waiting.pk).update(run_id=10**9)
    scenery.enroll(world, csr=scenery.csr("new.keyexample.com"))
    until(lambda: "1 more waits for you" in ask(client, asks).content.decode())
