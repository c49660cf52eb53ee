"""Deeds of others, in threads with connections of their own, while a test's transaction holds locks."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager

import pytest
from django.db import connection, connections, transaction

Deed = Callable[[], object]

_WAITING = "SELECT count(*) FROM pg_locks WHERE NOT granted AND pg_backend_pid() = ANY(pg_blocking_pids(pid))"


@contextmanager
def under_way(*deeds: Deed) -> Iterator[list[Future[object]]]:
    """Begin them all; the end waits for them, and raises what one of them raises."""
    with ThreadPoolExecutor(len(deeds)) as pool:
        acting = [pool.submit(_do, deed) for deed in deeds]
        yield acting
        for each in acting:
            each.result(60)


def done(*deeds: Deed) -> None:
    """Do them all at once."""
    with under_way(*deeds):
        pass


@contextmanager
def meanwhile(act: Deed) -> Iterator[None]:
    """Let `act` wait for a lock that this transaction holds, until it has committed."""
    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            yield
            acting = pool.submit(_do, act)
            let_it_wait(acting)
        acting.result(60)


def let_it_wait(acting: Future[object]) -> None:
    """Until it wants a lock that this transaction holds."""
    for _ in range(6000):
        with connection.cursor() as cursor:
            cursor.execute(_WAITING)
            if cursor.fetchone()[0]:
                return
        assert not acting.done(), acting.exception()
        time.sleep(0.01)
    pytest.fail("nobody waited")


def _do(deed: Deed) -> object:
    try:
        return deed()
    finally:
        connections.close_all()
