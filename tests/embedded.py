"""The PostgreSQL and Valkey of one test run, in a temporary folder; the named ones when the URLs are set."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

from config.supervisor.home import open_home
from config.supervisor.postgres import Postgres
from config.supervisor.valkey import Valkey

# What nothing survives need not reach the disk.
_FAST = ["fsync=off", "synchronous_commit=off", "full_page_writes=off", "max_connections=300"]


class EmbeddedPair:
    """Started on first demand: tests that touch no database do not pay for one."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="countersign-tests-"))
        self._running: list[Postgres | Valkey] = []
        home = open_home(self.folder)
        self._postgres = None if "DATABASE_URL" in os.environ else Postgres(home, _FAST)
        self._valkey = None if "REDIS_URL" in os.environ else Valkey(home)

    def environment(self) -> dict[str, str]:
        """The settings of the run: this folder, these servers."""
        found = {"DATA": str(self.folder)}
        # The named ones are kept under a second name for the products that functional tests start.
        if self._postgres:
            found["DATABASE_URL"] = self._postgres.url
        else:
            found["TEST_DATABASE_URL"] = os.environ["DATABASE_URL"]
        if self._valkey:
            found["REDIS_URL"] = self._valkey.url
        else:
            found["TEST_REDIS_URL"] = os.environ["REDIS_URL"]
        return found

    def start(self) -> None:
        """Starts both, once."""
        for server in (self._postgres, self._valkey):
            if server and server not in self._running:
                server.start()
                self._running.append(server)

    def stop(self) -> None:
        """Stops what was started and removes the folder."""
        for server in reversed(self._running):
            server.stop()
        self._running.clear()
        shutil.rmtree(self.folder, ignore_errors=True)
