"""Wake-ups: at most one outstanding for each queue, sent by whatever process has made something ready."""

from __future__ import annotations

import subprocess
import sys
import threading

import pytest
from celery import current_app
from django.conf import settings
from pytest_django import Settings
from redis import Redis

from workflows.engine import queue
from workflows.engine.queue import Queue


@pytest.fixture
def broker(embedded_pair: None) -> Redis:
    """The run's own broker, empty."""
    client = Redis.from_url(settings.REDIS_URL)
    client.flushdb()
    return client


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


def test_wake_ups_do_not_pile_up(broker: Redis) -> None:
    for _ in range(3):
        queue.wake(Queue.BULK)
    assert broker.llen(Queue.BULK) == 1
    queue.clear(Queue.BULK)
    queue.wake(Queue.BULK)
    assert broker.llen(Queue.BULK) == 2


def test_a_dead_broker_costs_no_error(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.REDIS_URL = "unix:///nowhere/valkey.sock?db=0"
    monkeypatch.delattr(queue._local, "redis", raising=False)
    queue.wake(Queue.BULK)
    queue.clear(Queue.BULK)
