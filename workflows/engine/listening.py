"""The process's one LISTEN connection: it tells its ears which instances have moved.

Mass events send no notices (`writing.is_told`). That something was written shows in PostgreSQL's own count,
some seconds later; then the ears hear of a change, but not of which instance.

Never a pooled connection: a pool hands them on, and what one user of it listens to another would hear.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from functools import cache
from typing import Any, Protocol

import psycopg
import structlog
from django.db import connection

from workflows.engine.writing import CHANNEL
from workflows.models import sql

log = structlog.get_logger(__name__)

HEAR_SECONDS = 5.0  # how often the listener shows that its connection lives
IDLE_SECONDS = 30.0  # the connection is given up when nobody has wanted to hear for so long
PROOF_SECONDS = 15.0  # how long the last sign of life is trusted


_WRITTEN = """
    SELECT n_tup_ins + n_tup_upd + n_tup_del FROM pg_stat_user_tables
    WHERE relid = 'workflows_instance'::regclass
"""


class Ear(Protocol):
    """Somebody who wants to hear; called from the listener's thread."""

    def begin(self) -> None:
        """From now on everything is heard; what moved before was not."""

    def hear(self, instance_ids: Sequence[int]) -> None:
        """These instances have moved; none, where some have and nobody said which."""

    def end(self) -> None:
        """Nothing is heard any more."""


class Listener:
    """One connection in a thread that lives while anybody wants to hear."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._ears: list[Ear] = []
        self._is_listening = False
        self._written: sql.Row | None = None
        self._wanted_at = self._proved_at = float("-inf")
        self.thread: threading.Thread | None = None

    @property
    def is_proved(self) -> bool:
        """Whether the connection has lately shown that it lives."""
        return time.monotonic() - self._proved_at < PROOF_SECONDS

    def add(self, ear: Ear) -> None:
        with self._lock:
            self._ears.append(ear)
            if self._is_listening:
                ear.begin()

    def wake(self) -> None:
        """Listen, for a while at least."""
        self._wanted_at = time.monotonic()
        with self._lock:
            if self.thread is None or not self.thread.is_alive():
                self.thread = threading.Thread(target=self._listen, name="instance-listener", daemon=True)
                self.thread.start()

    def _listen(self) -> None:
        try:
            with psycopg.connect(**parameters(), autocommit=True) as conn:
                conn.execute(f"LISTEN {CHANNEL}")
                self._prove()
                self._begin()
                self._deliver(conn)
        except (psycopg.Error, OSError) as error:
            log.warning("listener lost its connection; who listens asks", error=type(error).__name__)
        finally:
            self._end()

    def _begin(self) -> None:
        with self._lock:
            self._is_listening = True
            for ear in self._ears:
                ear.begin()

    def _end(self) -> None:
        with self._lock:
            self._is_listening = False
            for ear in self._ears:
                ear.end()

    def _deliver(self, conn: psycopg.Connection) -> None:
        while time.monotonic() - self._wanted_at < IDLE_SECONDS:
            for notice in conn.notifies(timeout=HEAR_SECONDS, stop_after=1):
                self._tell([int(text) for text in notice.payload.split(",")])
            if time.monotonic() - self._proved_at > HEAR_SECONDS / 2:
                self._look(conn)
                self._prove()

    def _look(self, conn: psycopg.Connection) -> None:
        before, self._written = self._written, conn.execute(_WRITTEN).fetchone()
        if self._written != before:
            self._tell([])

    def _tell(self, instance_ids: Sequence[int]) -> None:
        for ear in self._ears:
            ear.hear(instance_ids)

    def _prove(self) -> None:
        self._proved_at = time.monotonic()


@cache
def listener() -> Listener:
    """This process's."""
    return Listener()


def parameters() -> dict[str, Any]:
    """What the pooled connections use, without their cursor options."""
    return {
        name: value
        for name, value in connection.get_connection_params().items()
        if name not in {"pool", "cursor_factory", "context", "prepare_threshold", "client_encoding"}
    }
