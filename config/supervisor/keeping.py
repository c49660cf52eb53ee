"""Keeps a child alive: what dies is started again, ever later the more often it dies."""

from __future__ import annotations

import time

from config.supervisor.children import Child
from config.supervisor.home import SupervisorError

_LONGEST_PAUSE = 30.0
_STEADY = 60.0  # one that lived this long has forgotten its earlier deaths


class Keeper:
    """One child with the record of its deaths."""

    def __init__(self, child: Child) -> None:
        self.child = child
        self._deaths = 0
        self._started = 0.0
        self._due: float | None = None

    def start(self) -> None:
        self._started = time.monotonic()
        self._due = None
        self.child.start()

    def look(self) -> str | None:
        """Starts it again when that is due; returns a sentence when it has just died."""
        now = time.monotonic()
        if self._due is not None:
            return self._start_again() if now >= self._due else None
        return None if self.child.is_alive() else self._died(now)

    def _start_again(self) -> str | None:
        try:
            self.start()
        except SupervisorError as error:
            return f"{error}\n{self._died(time.monotonic())}"
        return None

    def _died(self, now: float) -> str:
        self._deaths = 1 if now - self._started > _STEADY else self._deaths + 1
        pause = min(2.0 ** (self._deaths - 1), _LONGEST_PAUSE)
        self._due = now + pause
        return f"{self.child.name} ended; starting it again in {pause:.0f} s. Its log: {self.child.log}"
