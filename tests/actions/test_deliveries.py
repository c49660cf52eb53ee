"""Messages reach a real server, signed; they are repeated, given up, and never sent twice at once."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connections
from django.utils import timezone

from tests import builders
from tests.api.described import assert_message_as_described
from tests.connectors.servers import HttpServer, Reply
from tests.subscribers import SECRET, is_genuine, subscribe
from workflows.access.actors import TIMER_SERVICE
from workflows.actions import deliveries, subscriptions
from workflows.models import DeliveryState, Subscription, WebhookDelivery

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def site() -> Iterator[HttpServer]:
    with HttpServer({"/hook": Reply(204, body=b"")}).running() as running:
        yield running


def change(count: int = 1) -> None:
    """So many workflows end."""
    version = builders.publish(builders.noops(2))
    for _ in range(count):
        builders.run(version)


def now() -> datetime:
    return timezone.now()


def states() -> list[DeliveryState]:
    rows = WebhookDelivery.objects.order_by("pk").values_list("state", flat=True)
    return [DeliveryState(each) for each in rows]


def only() -> WebhookDelivery:
    return WebhookDelivery.objects.get()


def try_for_days(days: int) -> int:
    """The sender as it would run all the time, in steps of five minutes."""
    moment, tried = now(), 0
    for _ in range(days * 24 * 12):
        moment += timedelta(minutes=5)
        tried += deliveries.send_due(moment)
    return tried


def test_a_message_arrives_signed(site: HttpServer) -> None:
    subscribe(site)
    change()
    assert deliveries.send_due(now()) == 1
    (seen,) = site.seen
    assert (seen.method, seen.path, seen.headers["content-type"]) == ("POST", "/hook", "application/json")
    assert is_genuine(seen)
    assert not is_genuine(seen, "whsec_" + "A" * 32)
    assert seen.headers["webhook-id"] == f"msg_{only().guid}"
    event = json.loads(seen.body)
    assert event["type"] == "workflow.completed"
    assert_message_as_described(event)
    assert event["data"] == only().data
    assert datetime.fromisoformat(event["timestamp"]) == only().created_at
    assert states() == [DeliveryState.Delivered]
    assert only().status_code == 204
    assert deliveries.send_due(now() + DAY) == 0


def test_a_failure_is_repeated_later_under_the_same_id(site: HttpServer) -> None:
    subscription = subscribe(site)
    site.replies["/hook"] = Reply(503)
    change()
    deliveries.send_due(now())
    assert states() == [DeliveryState.Queued]
    subscription.refresh_from_db()
    assert (subscription.failures, subscription.last_error) == (1, "The server answered 503.")
    assert deliveries.send_due(now()) == 0
    site.replies["/hook"] = Reply(200)
    deliveries.send_due(now() + deliveries.DELAYS[0])
    first, second = site.seen
    assert first.headers["webhook-id"] == second.headers["webhook-id"]
    assert first.body == second.body
    assert is_genuine(second)
    assert states() == [DeliveryState.Delivered]
    subscription.refresh_from_db()
    assert (subscription.failures, subscription.last_error, subscription.paused_until) == (0, "", None)


def test_a_message_is_given_up_with_the_last_error(site: HttpServer) -> None:
    subscribe(site)
    site.replies["/hook"] = Reply(500)
    change()
    assert try_for_days(2) == deliveries.ATTEMPTS == len(site.seen)
    row = only()
    assert (row.state, row.attempts, row.status_code) == (DeliveryState.Failed, deliveries.ATTEMPTS, 500)
    assert row.error == "The server answered 500."


def test_a_server_that_is_not_there_holds_up_only_its_own(site: HttpServer) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    subscribe(path="/gone", url=f"http://127.0.0.1:{port}/gone")
    subscribe(site)
    change(3)
    moment = now()
    deliveries.send_due(moment)
    assert len(site.seen) == 3
    gone = Subscription.objects.get(name="Told at /gone")
    assert gone.failures == 1
    assert gone.paused_until is not None
    assert gone.paused_until > moment
    assert "/gone" not in gone.last_error
    assert WebhookDelivery.objects.filter(subscription=gone, attempts=0).count() == 2


def test_who_declines_one_message_still_gets_the_others(site: HttpServer) -> None:
    subscribe(site)
    site.replies["/hook"] = Reply(422)
    change(3)
    deliveries.send_due(now())
    assert len(site.seen) == 3
    assert {row.attempts for row in WebhookDelivery.objects.all()} == {1}


def test_a_forbidden_address_is_not_called() -> None:
    subscribe()
    Subscription.objects.update(url="http://169.254.169.254/latest/meta-data/")  # once allowed
    change()
    deliveries.send_due(now())
    assert "169.254.169.254" in only().error
    assert only().status_code is None


def test_nothing_is_sent_while_it_is_off_and_all_when_it_is_on_again(site: HttpServer) -> None:
    row = subscribe(site)
    change()
    subscriptions.update(row.guid, actor=TIMER_SERVICE, enabled=False)
    change()
    assert deliveries.send_due(now()) == 0
    subscriptions.update(row.guid, actor=TIMER_SERVICE, enabled=True)
    assert deliveries.send_due(now()) == 1


def test_a_change_of_the_subscription_tries_at_once(site: HttpServer) -> None:
    row = subscribe(site, path="/wrong")
    change()
    deliveries.send_due(now())
    assert states() == [DeliveryState.Queued]
    subscriptions.update(row.guid, actor=TIMER_SERVICE, url=f"http://127.0.0.1:{site.port}/hook")
    assert deliveries.send_due(now()) == 1
    assert states() == [DeliveryState.Delivered]


def test_what_waits_for_too_long_is_given_up_and_what_is_over_is_forgotten(site: HttpServer) -> None:
    subscribe(site)
    change(2)
    deliveries.forget_old(now())
    assert states() == [DeliveryState.Queued] * 2
    deliveries.forget_old(now() + deliveries.OLDEST + DAY)
    assert states() == [DeliveryState.Failed] * 2
    deliveries.forget_old(now() + deliveries.KEPT + DAY)
    assert states() == []


def test_neither_secret_nor_url_reaches_the_log(
    site: HttpServer, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    subscribe(site, path="/hook?token=very-secret")
    subscribe(path="/dead?token=very-secret")
    change()
    deliveries.send_due(now())
    output = capsys.readouterr()
    written = f"{caplog.text}{output.out}{output.err}{[vars(row) for row in Subscription.objects.all()]}"
    assert SECRET.removeprefix("whsec_") not in written
    assert "very-secret" not in f"{caplog.text}{output.out}{output.err}"
    assert "very-secret" not in "".join(WebhookDelivery.objects.values_list("error", flat=True))


@pytest.mark.django_db(transaction=True)
def test_two_workers_send_each_message_once(site: HttpServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """As two processes would: each has its own turn."""
    monkeypatch.setattr(deliveries, "_turn", _Open())
    subscribe(site)
    subscribe(site, path="/other")
    site.replies["/other"] = Reply(200)
    change(20)

    def work(_: int) -> None:
        try:
            deliveries.send_due(now())
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(work, range(4)))
    identifiers = [seen.headers["webhook-id"] for seen in site.seen]
    assert len(identifiers) == len(set(identifiers)) == 40
    assert set(states()) == {DeliveryState.Delivered}


class _Open:
    def acquire(self, **_: Any) -> bool:
        return True

    def release(self) -> None:
        pass
