"""Wake-ups: at most one outstanding for each queue, sent by whatever process has made something ready."""

from __future__ import annotations

import subprocess
import sys
import threading
import uuid
from datetime import timedelta

import pytest
from celery import current_app
from django.conf import settings
from django.utils import timezone
from pytest_django import Settings
from redis import Redis

from tests import builders
from workflows.engine import queue, turns
from workflows.engine.queue import Queue
from workflows.models import Instance

SEND = queue._send


@pytest.fixture(autouse=True)
def sent(embedded_pair: None, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The queues that were woken; flags of this test alone, because all tests share a broker."""
    sent: list[str] = []
    prefix = uuid.uuid4()
    monkeypatch.setattr(queue, "_silent_until", 0.0)
    for name in ("HOLD_MILLISECONDS", "SPREAD_MILLISECONDS", "SILENCE_SECONDS"):
        monkeypatch.setattr(queue, name, 60_000)  # no test depends on how fast it runs
    monkeypatch.setattr(queue, "_flag", lambda name: f"{prefix}:{name}")
    monkeypatch.setattr(queue, "_send", sent.append)
    return sent


@pytest.fixture
def no_broker(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.REDIS_URL = "unix:///nowhere/valkey.sock?db=0"
    monkeypatch.delattr(queue._local, "redis", raising=False)


def test_every_process_with_django_sends_to_our_broker_from_any_thread() -> None:
    """Web servers and commands import no Celery by themselves, and Celery's default is another broker."""
    names: list[str] = []
    thread = threading.Thread(target=lambda: names.append(current_app.main))
    thread.start()
    thread.join()
    assert names == ["countersign"]


def test_the_web_application_knows_the_broker() -> None:
    code = "import config.wsgi, celery; print(celery.current_app.conf.broker_url)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == settings.CELERY_BROKER_URL


def test_a_message_reaches_the_broker() -> None:
    client = Redis.from_url(settings.REDIS_URL)
    before = client.llen(Queue.MAINTENANCE)
    SEND(Queue.MAINTENANCE)
    assert client.llen(Queue.MAINTENANCE) == before + 1


def test_wake_ups_do_not_pile_up(sent: list[str]) -> None:
    for _ in range(3):
        queue.wake(Queue.BULK)
    assert sent == ["bulk"]
    queue.clear(Queue.BULK)
    queue.wake(Queue.BULK)
    assert sent == ["bulk", "bulk"]


def test_each_queue_is_woken_for_itself(sent: list[str]) -> None:
    queue.wake(Queue.BULK)
    queue.wake(Queue.SIGNING)
    assert sent == ["bulk", "signing"]


def test_a_queue_that_a_worker_looks_at_needs_no_wake_up(sent: list[str]) -> None:
    queue.hold(Queue.BULK)
    queue.wake(Queue.BULK)
    assert sent == []
    queue.clear(Queue.BULK)
    queue.wake(Queue.BULK)
    assert sent == ["bulk"]


def test_a_worker_that_is_busy_for_long_is_not_waited_for() -> None:
    """Whoever starts something while its turn lasts wakes another worker."""
    queue.hold(Queue.BULK)
    left = queue._redis().pttl(queue._flag(Queue.BULK))
    assert 0 < left <= queue.HOLD_MILLISECONDS


def test_a_full_queue_wakes_one_worker_more_at_a_time(sent: list[str]) -> None:
    queue.hold(Queue.BULK)
    for _ in range(3):
        queue.wake_another(Queue.BULK)
    assert sent == ["bulk"]


def test_a_dead_broker_costs_no_error_and_is_asked_once_a_second(
    no_broker: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One that hangs costs a second, not one for each instance that starts."""
    asked: list[str] = []
    connect = queue._redis
    monkeypatch.setattr(queue, "_redis", lambda: asked.append("once") or connect())
    for _ in range(5):
        queue.wake(Queue.BULK)
        queue.clear(Queue.BULK)
    assert asked == ["once"]


def test_a_broker_that_refuses_the_message_costs_no_error(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise OSError("connection refused")

    monkeypatch.setattr(current_app._get_current_object(), "send_task", refuse)
    SEND(Queue.BULK)
    assert not queue._redis().exists(queue._flag(Queue.BULK))


@pytest.mark.django_db(transaction=True)
def test_a_run_of_turns_ends_with_nobody_held_off(sent: list[str]) -> None:
    version = builders.publish(builders.noops(2))
    for _ in range(60):
        builders.start(version)
    assert turns.run_turns(Queue.INTERACTIVE) == 60
    assert not queue._redis().exists(queue._flag(Queue.INTERACTIVE))
    assert sent == ["interactive"] * 2  # for the first start, and by the full batch


@pytest.mark.django_db
def test_the_tick_wakes_queues_whose_time_has_come(sent: list[str]) -> None:
    instance = builders.start(builders.publish(builders.noops(2)))
    later = timezone.now() + timedelta(hours=1)
    Instance.objects.filter(pk=instance.pk).update(ready_at=later)
    queue.wake_ready_queues()
    assert sent == []
    Instance.objects.filter(pk=instance.pk).update(ready_at=timezone.now())
    queue.wake_ready_queues()
    assert sent == ["interactive"]
