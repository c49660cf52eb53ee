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

POLL_SECONDS = 0.5  # how long a waiter rests before it asks whether anybody listens


def wait_until(
    instance_id: int, is_settled: Callable[[], bool], seconds: float, *, told: bool = True
) -> bool:
    """Wait until `is_settled()` holds, at most `seconds`; returns whether it does.

    `told` is whether the instance's moves are told of (`writing.is_told`): then it is looked at only when it
    has moved, and as often as before while nobody listens.
    """
    places = _places()
    if seconds <= 0 or not places.acquire(blocking=False):
        return is_settled()
    try:
        return _wait(instance_id, is_settled, time.monotonic() + seconds, told)
    finally:
        places.release()


def _wait(instance_id: int, is_settled: Callable[[], bool], end: float, told: bool) -> bool:
    with _waiters().waiting(instance_id) as moved:
        while not is_settled():
            if time.monotonic() >= end:
                return False
            _rest(moved, end, told)
            moved.clear()
        return True


def _rest(moved: threading.Event, end: float, told: bool) -> None:
    """Until the instance has moved or `end`, and no longer than a moment while that would not be heard."""
    while (left := end - time.monotonic()) > 0:
        listener().wake()
        if moved.wait(min(left, POLL_SECONDS)) or not (told and _waiters().hears):
            return


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
        self._hears = False

    @property
    def hears(self) -> bool:
        """Whether silence means that nothing has moved."""
        return self._hears and listener().is_proved

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
            self._hears = True
            self._tell(self._waiting)

    def hear(self, instance_ids: Sequence[int]) -> None:
        with self._lock:
            self._tell(instance_ids)

    def end(self) -> None:
        """They look for themselves after `POLL_SECONDS`."""
        self._hears = False

    def _tell(self, instance_ids: Iterable[int]) -> None:
        for instance_id in instance_ids:
            for moved in self._waiting.get(instance_id, ()):
                moved.set()

    def _remove(self, instance_id: int, moved: threading.Event) -> None:
        with self._lock:
            self._waiting[instance_id].discard(moved)
            if not self._waiting[instance_id]:
                del self._waiting[instance_id]
