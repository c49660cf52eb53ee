"""Administration → Webhooks: made, seen, changed, switched off, deleted."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tests import builders
from tests.api.clients import person
from tests.connectors.servers import HttpServer, Reply
from tests.subscribers import SECRET, is_genuine, subscribe
from workflows.actions import deliveries
from workflows.models import Subscription, WebhookDelivery

PAGE = "/administration/webhooks"
READ, MODIFY = "/application_settings/read/", "/application_settings/modify/"
HOSTILE = '<b onmouseover="x()">\u202eABC'

pytestmark = pytest.mark.django_db


@pytest.fixture
def site() -> Iterator[HttpServer]:
    with HttpServer({"/hook": Reply(204, body=b"")}).running() as running:
        yield running


def browser(name: str, *permissions: str) -> Client:
    client = Client()
    client.force_login(person(name, *permissions))
    return client


@pytest.fixture
def chief() -> Client:
    return browser("chief", READ, MODIFY, "/workflows/definitions/read/")


def given(**fields: Any) -> dict[str, Any]:
    return {
        "name": "Inventory",
        "url": "https://inventory.keyexample.com/hook",
        "secret": SECRET,
        "changes": ["2", "4"],
        "definition": "",
        "enabled": "on",
    } | fields


def test_the_secret_that_the_form_offers_signs_the_messages(chief: Client, site: HttpServer) -> None:
    form = chief.get(f"{PAGE}/new").text
    offered = re.search(r'name="secret" value="(whsec_[^"]+)"', form)
    assert offered is not None
    url = f"http://127.0.0.1:{site.port}/hook"
    made = chief.post(f"{PAGE}/new", given(secret=offered[1], url=url, changes=["4"]))
    assert made.status_code == 302
    builders.run(builders.publish(builders.noops(2)))
    deliveries.send_due(timezone.now())
    assert is_genuine(site.seen[0], offered[1])
    one = f"{PAGE}/{Subscription.objects.get().guid}"
    assert "Delivered, answered 204" in chief.get(one).text
    for page in (one, f"{one}/edit", PAGE):
        assert "whsec_" not in chief.get(page).text


def test_it_is_changed_and_switched_off_and_the_secret_stays(chief: Client) -> None:
    definition = builders.publish(builders.noops(2), name=HOSTILE).definition
    row = subscribe()
    sealed = bytes(row.secret)
    form = chief.get(f"{PAGE}/{row.guid}/edit").context["form"]
    assert form["secret"].value() is None
    values = given(secret="", definition=str(definition.guid), enabled="", expected=_etag(chief, row))
    assert chief.post(f"{PAGE}/{row.guid}/edit", values).status_code == 302
    row.refresh_from_db()
    assert (row.name, row.enabled, row.changes, row.definition) == ("Inventory", False, [2, 4], definition)
    assert bytes(row.secret) == sealed
    assert "Disabled" in chief.get(PAGE).text
    assert "&lt;b onmouseover" in chief.get(PAGE).text


def test_nobody_overwrites_what_he_has_not_seen(chief: Client) -> None:
    row = subscribe()
    opened = _etag(chief, row)
    chief.post(f"{PAGE}/{row.guid}/edit", given(secret="", expected=opened))
    late = chief.post(f"{PAGE}/{row.guid}/edit", given(name="Late", secret="", expected=opened))
    assert late.status_code == 409
    row.refresh_from_db()
    assert row.name == "Inventory"


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"name": ""}, 400),
        ({"url": "ftp://x"}, 400),
        ({"secret": "short"}, 400),
        ({"secret": ""}, 400),
        ({"changes": []}, 400),
        ({"changes": ["1"]}, 400),
        ({"definition": "6b1b9f0c-8a51-4b62-9d3c-2a6e2d6b7f10"}, 400),
        ({"name": "told at /HOOK"}, 409),
    ],
)
def test_a_wrong_one_is_said_in_the_form(chief: Client, fields: dict[str, Any], status: int) -> None:
    subscribe()
    answer = chief.post(f"{PAGE}/new", given(**fields))
    assert answer.status_code == status
    assert answer.context["form"].errors
    assert Subscription.objects.count() == 1


def test_a_failure_shows_in_the_list_and_on_the_page(chief: Client, site: HttpServer) -> None:
    row = subscribe(site, path="/nothing")
    builders.run(builders.publish(builders.noops(2)))
    deliveries.send_due(timezone.now())
    assert "Failed once" in chief.get(PAGE).text
    page = chief.get(f"{PAGE}/{row.guid}").text
    assert "The server answered 404." in page
    assert "Will be tried again." in page


def test_it_is_deleted_with_its_messages(chief: Client) -> None:
    row = subscribe()
    builders.run(builders.publish(builders.noops(2)))
    assert "Delete this webhook?" in chief.get(f"{PAGE}/{row.guid}/delete").text
    assert chief.post(f"{PAGE}/{row.guid}/delete").status_code == 302
    assert not WebhookDelivery.objects.exists()
    assert chief.get(f"{PAGE}/{row.guid}").status_code == 404


def test_a_reader_sees_and_changes_nothing(chief: Client) -> None:
    row, reader = subscribe(), browser("reader", READ)
    assert "Edit" not in reader.get(f"{PAGE}/{row.guid}").text.partition("<main")[2]
    for page in (f"{PAGE}/new", f"{PAGE}/{row.guid}/edit", f"{PAGE}/{row.guid}/delete"):
        assert reader.get(page).status_code == 403
        assert reader.post(page, given()).status_code == 403


def test_who_may_not_see_definitions_is_offered_none() -> None:
    builders.publish(builders.noops(2), name="Hidden from him")
    blind = browser("blind", READ, MODIFY)
    assert "Hidden from him" not in blind.get(f"{PAGE}/new").text


def test_more_rows_cost_no_more_queries(chief: Client) -> None:
    version = builders.publish(builders.noops(2))
    row = subscribe(definition=version.definition.guid)
    counts = []
    for number in range(2):
        for _ in range(1 + 5 * number):
            subscribe(path=f"/{Subscription.objects.count()}", definition=version.definition.guid)
            builders.run(version)
        with CaptureQueriesContext(
            connection,
        ) as queries:
            chief.get(PAGE)
            chief.get(f"{PAGE}/{row.guid}")
        counts.append(len(queries))
    assert counts[1] <= counts[0]


def _etag(client: Client, row: Subscription) -> str:
    return dict(client.get(f"{PAGE}/{row.guid}/edit").context["hidden"])["expected"]
