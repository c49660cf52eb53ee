"""Waiting for an instance to move, for callers that hold a request open (D17).

They hear through the process's one LISTEN connection, and at most half of the web threads wait at a time; who
finds no place is answered with what is true now.
"""

from __future__ import annotations

import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache

from django.conf import settings

from workflows.engine.listening import listener

POLL_SECONDS = 0.5  # how long a waiter trusts the listener before it looks for itself


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
    with _waiters().waiting(instance_id) as moved:
        while not is_settled():
            left = end - time.monotonic()
            if left <= 0:
                return False
            listener().wake()
            moved.wait(min(left, POLL_SECONDS))
            moved.clear()
        return True


@cache
def _places() -> threading.BoundedSemaphore:
    return threading.BoundedSemaphore(max(1, settings.WEB_THREADS // 2))


@cache
def _waiters() -> _Waiters:
    waiters = _Waiters()
    listener().add(waiters)
    return waiters


class _Waiters:
    """The threads that wait, by the instance that each waits for."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: dict[int, set[threading.Event]] = defaultdict(set)

    @contextmanager
    def waiting(self, instance_id: int) -> Iterator[threading.Event]:
        """An event that is set whenever the instance has moved."""
        moved = threading.Event()
        with self._lock:
            self._waiting[instance_id].add(moved)
        try:
            yield moved
        finally:
            self._remove(instance_id, moved)

    def begin(self) -> None:
        """What moved before was not heard, so all look again."""
        with self._lock:
            self._tell(self._waiting)

    def hear(self, instance_ids: Sequence[int]) -> None:
        with self._lock:
            self._tell(instance_ids)

    def end(self) -> None:
        """They look for themselves after `POLL_SECONDS`."""

    def _tell(self, instance_ids: Iterable[int]) -> None:
        for instance_id in instance_ids:
            for moved in self._waiting.get(instance_id, ()):
                moved.set()

    def _remove(self, instance_id: int, moved: threading.Event) -> None:
        with self._lock:
            self._waiting[instance_id].discard(moved)
            if not self._waiting[instance_id]:
                del self._waiting[instance_id]
