"""What a process knows of how things stand, with real notices."""

from __future__ import annotations

import time
from collections.abc import Callable

import psycopg
import pytest
from django.db import connection, transaction

from tests import builders
from workflows.engine import changes as module
from workflows.engine import listening
from workflows.engine.changes import announce, changes
from workflows.engine.queue import Queue
from workflows.models import Instance

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("fresh_listener")]


def until(holds: Callable[[], bool]) -> None:
    """Notices come by themselves, a moment later."""
    end = time.monotonic() + 30
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.01)


def hears() -> bool:
    changes().begin_reading(1)
    return changes()._hears


def read(key: int | str, seen: str) -> None:
    changes().begin_reading(key).seen = seen


def instance() -> Instance:
    return builders.start(builders.publish(builders.noops(3)))


def test_what_was_read_is_known_until_it_moves() -> None:
    until(hears)
    moving, other = instance(), instance()
    read(moving.pk, "a")
    read(other.pk, "b")
    assert changes().is_known(moving.pk, "a")
    assert not changes().is_known(moving.pk, "b")
    builders.run_until_quiet()
    until(lambda: not changes().is_known(moving.pk, "a"))
    until(lambda: not changes().is_known(other.pk, "b"))


def test_a_list_is_known_until_anything_moves() -> None:
    until(hears)
    read("somebody's list", "3")
    assert changes().is_known("somebody's list", "3")
    announce([4711])
    until(lambda: not changes().is_known("somebody's list", "3"))


def test_lists_hear_that_something_was_written_of_which_nobody_was_told() -> None:
    """As mass events do; PostgreSQL counts it some seconds later."""
    until(hears)
    silent = instance()
    for _ in range(2):
        read("somebody's list", "3")
        read(silent.pk, "a")
        Instance.objects.filter(pk=silent.pk).update(queue=Queue.BULK)
        connection.cursor().execute("SELECT pg_stat_force_next_flush()")
        until(lambda: not changes().is_known("somebody's list", "3"))
        assert changes().is_known(silent.pk, "a"), "nobody knows which it was"


def test_only_what_moved_is_forgotten() -> None:
    until(hears)
    read(1, "a")
    read(2, "b")
    announce([2, *range(1000, 2000)])
    until(lambda: not changes().is_known(2, "b"))
    assert changes().is_known(1, "a")


def test_what_moves_while_it_is_read_is_not_known() -> None:
    until(hears)
    reading = changes().begin_reading(1)
    read(2, "b")
    announce([1, 2])
    until(lambda: not changes().is_known(2, "b"))
    reading.seen = "a"
    assert not changes().is_known(1, "a")


def test_nothing_is_told_before_the_commit() -> None:
    until(hears)
    read(1, "a")
    read(2, "b")
    with transaction.atomic():
        announce([1])
        with psycopg.connect(**listening.parameters(), autocommit=True) as other:
            other.execute("SELECT pg_notify(%s, '2')", (module.CHANNEL,))
        until(lambda: not changes().is_known(2, "b"))
        assert changes().is_known(1, "a")
    until(lambda: not changes().is_known(1, "a"))


def test_nothing_is_known_before_the_connection_listens() -> None:
    reading = module.Changes(listening.Listener()).begin_reading(1)
    reading.seen = "a"
    assert not changes().is_known(1, "a")


def test_a_lost_connection_forgets_everything_and_is_made_anew() -> None:
    until(hears)
    read(1, "a")
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'LISTEN%'")
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE pid <> pg_backend_pid() AND query LIKE '%n_tup_ins%' AND datname = current_database()"
        )
    until(lambda: not changes().is_known(1, "a"))
    until(hears)
    read(1, "b")
    assert changes().is_known(1, "b")


def test_a_connection_that_shows_no_life_is_not_trusted(monkeypatch: pytest.MonkeyPatch) -> None:
    until(hears)
    read(1, "a")
    monkeypatch.setattr(listening, "PROOF_SECONDS", -1)
    assert not changes().is_known(1, "a")


def test_it_does_not_grow_without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST", 3)
    until(hears)
    for number in range(10, 15):
        read(number, "a")
        read(f"list {number}", "a")
    assert [number for number in range(10, 15) if changes().is_known(number, "a")] == [12, 13, 14]
    assert [number for number in range(10, 15) if changes().is_known(f"list {number}", "a")] == [12, 13, 14]
