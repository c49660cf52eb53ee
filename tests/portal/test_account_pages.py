"""One's own account: password, time zone, sessions, tokens."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from workflows.models import ApiToken, User

if TYPE_CHECKING:
    from tests.world import World

Visitors = Callable[[str], Client]
OLD, NEW = "a password of tests", "correct horse battery staple"


def test_other_sessions_are_listed_and_ended(visit: Visitors) -> None:
    here, there, other = visit("requester"), visit("requester"), visit("approver")
    page = here.get(reverse("portal:account"))
    assert len(page.context["sessions"]) == 2
    here.post(reverse("portal:account_sessions_end"))
    assert here.get(reverse("portal:account")).status_code == 200
    assert other.get(reverse("portal:account")).status_code == 200
    assert there.get(reverse("portal:account")).status_code == 302


def test_a_new_password_ends_other_sessions(visit: Visitors, world: World) -> None:
    here, there = visit("requester"), visit("requester")
    address = reverse("portal:account_password")
    wrong = here.post(address, {"current": "wrong", "password": NEW, "again": NEW})
    weak = here.post(address, {"current": OLD, "password": "12345678", "again": "12345678"})
    right = here.post(address, {"current": OLD, "password": NEW, "again": NEW})
    assert [wrong.status_code, weak.status_code, right.status_code] == [400, 400, 302]
    assert wrong.context["form"].errors["current"]
    assert weak.context["form"].errors["password"]
    assert here.get(reverse("portal:account")).status_code == 200
    assert there.get(reverse("portal:account")).status_code == 302
    assert User.objects.get(pk=world.requester.pk).check_password(NEW)


def test_the_time_zone_is_changed(visit: Visitors, world: World) -> None:
    client = visit("requester")
    assert client.post(reverse("portal:account_time_zone"), {"time_zone": "Nowhere"}).status_code == 400
    client.post(reverse("portal:account_time_zone"), {"time_zone": "Asia/Tokyo"})
    assert User.objects.get(pk=world.requester.pk).time_zone == "Asia/Tokyo"


def test_own_tokens_are_made_with_scopes_that_one_holds(visit: Visitors) -> None:
    client, address = visit("requester"), reverse("portal:account_token_new")
    past = client.post(address, {"name": "old", "expires_on": "2001-01-01"})
    foreign = client.post(address, {"name": "more", "scopes": ["/security/modify/"]})
    made = client.post(address, {"name": "mine", "scopes": ["/workflows/instances/read/mine/"]})
    assert [past.status_code, foreign.status_code, made.status_code] == [400, 400, 201]
    assert past.context["form"].errors["expires_on"]
    assert "/workflows/instances/read/mine/" in made.text.replace("<wbr>", "")
    assert "for ever, or until somebody ends it" in made.text
    token = ApiToken.objects.get()
    assert made.context["token"] not in client.get(reverse("portal:account")).text
    assert client.post(reverse("portal:account_token_end", args=[token.pk])).status_code == 302
    assert not ApiToken.objects.exists()


def test_scopes_are_a_tree_whose_areas_unfold(visit: Visitors, world: World) -> None:
    """What one does not hold is not offered; siblings without a common string above them stand alone."""
    address = reverse("portal:account_token_new")
    form = visit("requester").get(address).context["form"]
    assert [(branch.node.value, branch.below) for branch in form.branches] == [
        ("/certificates/enrollment/csr/", ()),
        ("/certificates/enrollment/pfx/", ()),
        ("/workflows/instances/read/mine/", ()),
    ]
    client = visit("operator")
    page = client.get(address).text
    assert page.count("<details") == page.count('<details class="disclosure">') == 2
    again = client.post(address, {"scopes": ["/workflows/instances/manage/"]}).text
    assert again.count('<details class="disclosure" open>') == 1
    assert 'id="permission-workflows-instances-manage-" checked' in again


def test_the_account_needs_few_queries(visit: Visitors, world: World) -> None:
    for number in range(30):
        ApiToken.objects.create(user=world.requester, name=f"T{number}", digest=bytes([number]) * 32)
    client = visit("requester")
    with CaptureQueriesContext(connection) as queries:
        client.get(reverse("portal:account"))
    assert len(queries) <= 25


def test_nobody_ends_the_token_of_another(visit: Visitors, world: World) -> None:
    token = ApiToken.objects.create(user=world.requester, name="T", digest=bytes(32))
    assert visit("approver").post(reverse("portal:account_token_end", args=[token.pk])).status_code == 404
    assert ApiToken.objects.filter(pk=token.pk).exists()
