"""Waiting for an instance to move."""

from __future__ import annotations

import threading

import pytest
from django.db import connections

from tests import builders
from workflows.engine import listening, watching
from workflows.engine.listening import listener
from workflows.engine.watching import wait_until
from workflows.models import Instance
from workflows.vocabulary.statuses import InstanceStatus

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def patient(fresh_listener: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Waiters trust nothing but what they hear."""
    monkeypatch.setattr(watching, "POLL_SECONDS", 60)


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
    with watching._waiters().waiting(4711) as moved:
        listener().wake()
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


def looks_while_waiting(monkeypatch: pytest.MonkeyPatch, *, told: bool) -> int:
    """In half a second, with a listener that has heard something already."""
    with watching._waiters().waiting(4712) as moved:
        listener().wake()
        assert moved.wait(50)
    monkeypatch.setattr(watching, "POLL_SECONDS", 0.02)
    looks: list[int] = []
    assert not wait_until(4711, lambda: bool(looks.append(1)), seconds=0.5, told=told)
    return len(looks)


def test_silence_costs_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    assert looks_while_waiting(monkeypatch, told=True) == 2


def test_what_moves_in_silence_is_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    assert looks_while_waiting(monkeypatch, told=False) > 2


def test_without_a_listener_the_waiter_looks_for_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watching, "POLL_SECONDS", 0.05)
    monkeypatch.setattr(listening, "parameters", lambda: {"host": "/nowhere"})
    looks: list[int] = []

    def is_settled() -> bool:
        looks.append(1)
        return len(looks) == 3

    assert wait_until(4711, is_settled, seconds=50)
