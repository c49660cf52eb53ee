"""Waiting for an instance to move."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
from django.db import connections

from tests import builders
from workflows.engine import watching
from workflows.engine.watching import wait_until
from workflows.models import Instance
from workflows.vocabulary.statuses import InstanceStatus

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def listener(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """One of our own, to the database of the tests, whose waiters trust nothing but what it hears."""
    fresh = watching._Listener()
    monkeypatch.setattr(watching, "_listener", lambda: fresh)
    monkeypatch.setattr(watching, "POLL_SECONDS", 60)
    monkeypatch.setattr(watching, "HEAR_SECONDS", 0.2)
    monkeypatch.setattr(watching, "IDLE_SECONDS", 0.5)
    yield
    if fresh._thread is not None:
        fresh._thread.join()


def is_complete(instance: Instance) -> bool:
    return Instance.objects.filter(pk=instance.pk, status=InstanceStatus.Complete).exists()


def test_who_waits_is_told_when_a_worker_has_moved_the_instance() -> None:
    instance = builders.start(builders.publish(builders.noops(3)))
    waits = threading.Event()

    def work() -> None:
        try:
            assert waits.wait(30)
            builders.run_until_quiet()
        finally:
            connections.close_all()

    def is_settled() -> bool:
        waits.set()
        return is_complete(instance)

    worker = threading.Thread(target=work)
    worker.start()
    assert wait_until(instance.pk, is_settled, seconds=50)
    worker.join()


def test_what_moved_before_the_listener_heard_is_looked_at_again() -> None:
    """It takes a moment to connect, and in that moment a notice goes by."""
    with watching._listener().watching(4711) as moved:
        assert moved.wait(50)


def test_who_has_no_time_is_answered_with_what_is_true_now() -> None:
    instance = builders.start(builders.publish(builders.noops(3)))
    assert not wait_until(instance.pk, lambda: is_complete(instance), seconds=0)
    builders.run_until_quiet()
    assert wait_until(instance.pk, lambda: is_complete(instance), seconds=0)


def test_who_finds_no_place_is_answered_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    places = threading.BoundedSemaphore(1)
    places.acquire()
    monkeypatch.setattr(watching, "_places", lambda: places)
    assert not wait_until(1, lambda: False, seconds=1000)


def test_patience_ends() -> None:
    assert not wait_until(4711, lambda: False, seconds=0.2)


def test_without_a_listener_the_waiter_looks_for_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watching, "POLL_SECONDS", 0.05)
    monkeypatch.setattr(watching, "_parameters", lambda: {"host": "/nowhere"})
    looks: list[int] = []

    def is_settled() -> bool:
        looks.append(1)
        return len(looks) == 3

    assert wait_until(4711, is_settled, seconds=50)
