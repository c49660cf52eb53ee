"""A worker in a thread of the test: calls that wait for an outcome get one."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator

from django.db import connection

from tests import builders
from workflows.engine.writing import CHANNEL


@contextlib.contextmanager
def working() -> Iterator[None]:
    """Takes turns as they come up; needs a test whose transactions commit."""
    done = threading.Event()
    thread = threading.Thread(target=_work, args=(done,), name="test-worker")
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join(30)
        _end_listeners()


def _work(done: threading.Event) -> None:
    while not done.wait(0.02):
        builders.run_until_quiet()
    connection.close()


def _end_listeners() -> None:
    """The connection that waits for news would outlive the test, and keep its database from being dropped."""
    ending = (
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query = %s AND pid <> pg_backend_pid()"
    )
    with connection.cursor() as cursor:
        cursor.execute(ending, [f"LISTEN {CHANNEL}"])
