"""What this process knows of how things stand, so that a page that follows something asks without a query.

A page says what it has seen. As long as that is what was read last, and the process has heard of no change
since, there is nothing new; whoever wants to be sure of more asks the database. Nothing is known while nobody
listens, so a lost connection costs queries and never a change.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Sequence
from functools import cache

from workflows.engine.listening import Listener, listener
from workflows.engine.writing import CHANNEL
from workflows.models import sql

Key = int | str
"""An instance, or the name of something that any instance may change, such as somebody's list."""

MOST = 20_000  # things known at a time
_AT_ONCE = 300  # ids of one notice, which holds 8,000 bytes


class Reading:
    """Begun before the rows are read, so that what moves meanwhile is not taken for known."""

    __slots__ = ("seen",)

    def __init__(self) -> None:
        self.seen: str | None = None


class Changes:
    """An ear of the listener that forgets what has moved."""

    def __init__(self, through: Listener) -> None:
        self._listener = through
        self._lock = threading.Lock()
        self._known: OrderedDict[int, Reading] = OrderedDict()
        self._lists: OrderedDict[str, Reading] = OrderedDict()
        self._hears = False

    def is_known(self, key: Key, seen: str) -> bool:
        """Whether `seen` is still how things stand, as far as this process can tell without asking."""
        self._listener.wake()
        with self._lock:
            known = self._lists.get(key) if isinstance(key, str) else self._known.get(key)
            return known is not None and known.seen == seen and self._listener.is_proved

    def begin_reading(self, key: Key) -> Reading:
        """To be called before the rows are read; `Reading.seen` is to be set to what they said."""
        self._listener.wake()
        reading = Reading()
        with self._lock:
            if self._hears:
                self._keep(key, reading)
        return reading

    def begin(self) -> None:
        with self._lock:
            self._hears = True

    def hear(self, instance_ids: Sequence[int]) -> None:
        with self._lock:
            self._lists.clear()
            for instance_id in instance_ids:
                self._known.pop(instance_id, None)

    def end(self) -> None:
        with self._lock:
            self._hears = False
            self._lists.clear()
            self._known.clear()

    def _keep(self, key: Key, reading: Reading) -> None:
        if isinstance(key, str):
            self._lists[key] = reading
        else:
            self._known[key] = reading
            self._known.move_to_end(key)
        for known in (self._known, self._lists):
            if len(known) > MOST:
                known.popitem(last=False)


@cache
def changes() -> Changes:
    """This process's."""
    made = Changes(listener())
    listener().add(made)
    return made


def announce(instance_ids: Sequence[int]) -> None:
    """Tell all processes, on commit, that these are gone; of what it moves the engine tells itself."""
    for start in range(0, len(instance_ids), _AT_ONCE):
        payload = ",".join(str(each) for each in instance_ids[start : start + _AT_ONCE])
        sql.execute("SELECT pg_notify(%s, %s)", (CHANNEL, payload))
