"""Workflow Signal Review once nobody is asked any more: it offers nothing, and says how the request ended."""

from __future__ import annotations

import pytest
from django.test import Client

from tests import builders
from tests import world as scenery
from tests.portal.conftest import Visitors
from tests.world import World
from workflows.actions import approvals, definitions, instances
from workflows.models import Certificate, Instance
from workflows.vocabulary.statuses import InstanceStatus

# What belongs to a decision that is still to be made.
OFFERS = (
    "To your decision",
    "of 2 approvals",
    "if issued now",
    "as it would be issued",
    "After approval",
    'name="Approved"',
)


@pytest.fixture
def waiting(world: World) -> Instance:
    scenery.needs_approvals(world, 2)
    return scenery.enroll(world).instance


def page_of(client: Client, instance: Instance) -> str:
    answer = client.get(f"/workflow/my/{instance.guid}")
    assert answer.status_code == 200
    return answer.text


def offers(page: str) -> list[str]:
    return [words for words in OFFERS if words in page]


def approve(world: World, instance: Instance, *people: str) -> None:
    for name in people:
        approvals.approve(instance.guid, actor=world.actor(name), step_name="RequireApproval1")
        builders.run_until_quiet()


def test_one_that_waits_offers_everything(visit: Visitors, waiting: Instance) -> None:
    assert offers(page_of(visit("approver"), waiting)) == list(OFFERS)


def test_one_that_waits_for_others_offers_no_decision(
    visit: Visitors, world: World, waiting: Instance
) -> None:
    approve(world, waiting, "approver")
    assert offers(page_of(visit("approver"), waiting)) == list(OFFERS[1:-1])


def test_an_issued_one_says_what_was_issued(visit: Visitors, world: World, waiting: Instance) -> None:
    approve(world, waiting, "approver", "second_approver")
    page = page_of(visit("approver"), waiting)
    assert offers(page) == []
    assert "Approval 2 of 2" in page
    assert f"{Certificate.objects.get().not_after:%Y-%m-%d}" in page


def test_a_denied_one(visit: Visitors, world: World, waiting: Instance) -> None:
    approvals.deny(waiting.guid, actor=world.actor("approver"), step_name="RequireApproval1")
    builders.run_until_quiet()
    page = page_of(visit("approver"), waiting)
    assert offers(page) == []
    assert "200 days" in page


def test_a_restarted_one_leads_to_the_one_that_goes_on(
    visit: Visitors, world: World, waiting: Instance
) -> None:
    instances.restart(waiting.guid, actor=world.actor("operator"))
    builders.run_until_quiet()
    following = Instance.objects.latest("pk")
    page = page_of(visit("approver"), waiting)
    assert offers(page) == []
    assert f'It goes on as <a href="/workflow/my/{following.guid}">{following.pk}</a>.' in page
    assert page.count(str(following.guid)) == 1


def test_no_link_to_what_the_person_may_not_open(visit: Visitors, world: World, waiting: Instance) -> None:
    """The new version asks somebody else."""
    others = builders.role("Others", world.stranger, world.requester)
    guid, operator = waiting.version.definition.guid, world.actor("operator")
    definitions.save_steps(guid, builders.chain(builders.approval(roles=[others])), actor=operator)
    definitions.publish(guid, actor=operator)
    instances.restart(waiting.guid, actor=world.actor("operator"))
    builders.run_until_quiet()
    following = Instance.objects.latest("pk")
    assert following.status == InstanceStatus.Suspended
    page = page_of(visit("approver"), waiting)
    assert f"It goes on as {following.pk}." in page
    assert str(following.guid) not in page
