"""Waiting for an instance to move, for callers that hold a request open (D17).

One connection per process listens, never a pooled one, and at most half of the web threads wait at a time;
who finds no place is answered with what is true now.
"""

from __future__ import annotations

import threading
import time
from collections import defaultdict
from collections.abc import Callable
from functools import cache
from typing import Any

import psycopg
import structlog
from django.conf import settings
from django.db import connection

from workflows.engine.writing import CHANNEL

log = structlog.get_logger(__name__)

POLL_SECONDS = 0.5  # how long a waiter trusts the listener before it looks for itself
HEAR_SECONDS = 5.0  # how often the listener looks whether anybody waits
IDLE_SECONDS = 30.0  # the listening connection is given up when nobody has waited for so long


def wait_until(instance_id: int, is_settled: Callable[[], bool], seconds: float) -> bool:
    """Wait until `is_settled()` holds, at most `seconds`; returns whether it does."""
    places = _places()
    if seconds <= 0 or not places.acquire(blocking=False):
        return is_settled()
    try:
        return _wait(instance_id, is_settled, time.monotonic() + seconds)
    finally:
        places.release()


def _wait(instance_id: int, is_settled: Callable[[], bool], end: float) -> bool:
    with _listener().watching(instance_id) as moved:
        while not is_settled():
            left = end - time.monotonic()
            if left <= 0:
                return False
            moved.wait(min(left, POLL_SECONDS))
            moved.clear()
        return True


@cache
def _places() -> threading.BoundedSemaphore:
    return threading.BoundedSemaphore(max(1, settings.WEB_THREADS // 2))


@cache
def _listener() -> _Listener:
    return _Listener()


class _Watch:
    def __init__(self, listener: _Listener, instance_id: int) -> None:
        self._listener, self._id = listener, instance_id
        self._moved = threading.Event()

    def __enter__(self) -> threading.Event:
        self._listener.add(self._id, self._moved)
        return self._moved

    def __exit__(self, *_: object) -> None:
        self._listener.remove(self._id, self._moved)


class _Listener:
    """The process's one LISTEN connection, in a thread that lives while somebody waits."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: dict[int, set[threading.Event]] = defaultdict(set)
        self._thread: threading.Thread | None = None

    def watching(self, instance_id: int) -> _Watch:
        return _Watch(self, instance_id)

    def add(self, instance_id: int, moved: threading.Event) -> None:
        with self._lock:
            self._waiting[instance_id].add(moved)
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._listen, name="instance-listener", daemon=True)
                self._thread.start()

    def remove(self, instance_id: int, moved: threading.Event) -> None:
        with self._lock:
            self._waiting[instance_id].discard(moved)
            if not self._waiting[instance_id]:
                del self._waiting[instance_id]

    def _listen(self) -> None:
        try:
            with psycopg.connect(**_parameters(), autocommit=True) as conn:
                conn.execute(f"LISTEN {CHANNEL}")
                self._tell_all()  # what moved meanwhile was not heard
                self._deliver(conn)
        except (psycopg.Error, OSError) as error:
            log.warning("listener lost its connection; waiters poll", error=type(error).__name__)

    def _deliver(self, conn: psycopg.Connection) -> None:
        quiet_since = time.monotonic()
        while time.monotonic() - quiet_since < IDLE_SECONDS:
            for notice in conn.notifies(timeout=HEAR_SECONDS, stop_after=1):
                self._tell(notice.payload)
            with self._lock:
                if self._waiting:
                    quiet_since = time.monotonic()

    def _tell_all(self) -> None:
        with self._lock:
            for waiting in self._waiting.values():
                for moved in waiting:
                    moved.set()

    def _tell(self, payload: str) -> None:
        with self._lock:
            for text in payload.split(","):
                for moved in self._waiting.get(int(text), ()):
                    moved.set()


def _parameters() -> dict[str, Any]:
    """What the pooled connections use, without their cursor options."""
    parameters = connection.get_connection_params()
    return {
        name: value
        for name, value in parameters.items()
        if name not in {"pool", "cursor_factory", "context", "prepare_threshold", "client_encoding"}
    }
