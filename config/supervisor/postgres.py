"""Our own PostgreSQL: made once, reachable by one socket and one password, recovered after any kill."""

from __future__ import annotations

import os
import secrets
import shutil
import signal
import subprocess
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import quote

import psycopg

from config.supervisor import accounts
from config.supervisor.binaries import postgres_folder, postgres_version
from config.supervisor.children import Child, tie_to_parent, wait_until
from config.supervisor.home import Home, SupervisorError
from config.supervisor.leftovers import end_leftover
from config.supervisor.secrets import secret

NAME = "countersign"
_START_SECONDS = 600.0  # recovery after a crash included
_RETRY_SECONDS = 5.0
_INITDB = [f"--username={NAME}", "--auth=scram-sha-256", "--encoding=UTF8"]


class Postgres(Child):
    """The server of one data folder; `options` are further settings of the server."""

    def __init__(self, home: Home, options: Sequence[str] = ()) -> None:
        self.account = accounts.choose_account(postgres_folder(), home)
        self.folder = self.account.folder
        self.sockets = self._socket_folder(home)
        self.password = secret(home.secrets / "database-password", lambda: secrets.token_urlsafe(24))
        super().__init__(
            "postgres",
            [*self._program("postgres"), "-D", str(self.folder), *self._settings(options)],
            log=home.logs / "postgres.log",
            environ=_environment(),
            stop_signal=signal.SIGINT,  # "fast": ends sessions, writes everything
            last_signal=signal.SIGQUIT,  # "immediate": recovers at the next start
            orphan_signal=signal.SIGINT,
            cwd=Path("/"),
            user=self.account.user,
        )

    @property
    def url(self) -> str:
        """DATABASE_URL of this server."""
        return self._url(NAME)

    def start(self) -> None:
        """Starts the server, made first where there is none. Raises SupervisorError with its last words."""
        accounts.fetch(self.account)
        if not (self.folder / "PG_VERSION").exists():
            self._make()
        end_leftover(self.folder)
        # A server killed a moment ago may leave sessions that hold its memory until they notice.
        if not wait_until(self._comes_up, _RETRY_SECONDS, pause=0.5):
            raise SupervisorError(f"PostgreSQL does not start:\n{self.last_words()}")

    def stop(self) -> None:
        super().stop()
        accounts.park(self.account)

    def _comes_up(self) -> bool:
        super().start()
        wait_until(lambda: not self.is_alive() or self._answers(), _START_SECONDS)
        return self.is_alive()

    def _answers(self) -> bool:
        """A real login; an orphan on the same socket has answered too, so `is_alive` is asked after it."""
        try:
            with psycopg.connect(self._url("postgres"), connect_timeout=2, autocommit=True) as connection:
                found = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [NAME]).fetchone()
                if found is None:
                    connection.execute(f"CREATE DATABASE {NAME}")
        except psycopg.OperationalError:
            return False
        return True

    def _make(self) -> None:
        """`initdb` beside the final place, then a rename: killed half-way it leaves nothing half."""
        fresh = self.folder.with_name(f"{self.folder.name}.new")
        password = self.folder.with_name(f"{self.folder.name}.pw")
        shutil.rmtree(fresh, ignore_errors=True)
        fresh.mkdir(mode=0o700)
        password.touch(mode=0o600)
        password.write_text(self.password)
        self.account.own(fresh)
        self.account.own(password)
        options = [f"--pgdata={fresh}", f"--pwfile={password}", *_INITDB, *self._locale()]
        try:
            self._run([*self._program("initdb"), *options])
        finally:
            password.unlink()
        fresh.rename(self.folder)

    def _run(self, command: list[str]) -> None:
        done = subprocess.run(
            command,
            env=_environment(),
            cwd="/",
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            user=self.account.user,
            group=self.account.user,
            extra_groups=[] if self.account.user is not None else None,
            preexec_fn=tie_to_parent(signal.SIGTERM),
        )
        if done.returncode:
            raise SupervisorError(f"PostgreSQL's data folder cannot be made:\n{done.stderr.strip()}")

    def _program(self, name: str) -> list[str]:
        return [*self.account.prefix, str(self.account.binaries / name)]

    def _locale(self) -> list[str]:
        if postgres_version(self.account.binaries) >= 17:
            return ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
        return ["--locale=C.UTF-8"]

    def _settings(self, options: Sequence[str]) -> list[str]:
        # A list: without the quotes it would be split at spaces and commas.
        quoted = '"' + str(self.sockets).replace('"', '""') + '"'
        settings = [
            f"unix_socket_directories={quoted}",
            "listen_addresses=",
            "unix_socket_permissions=0700",
            "max_connections=200",
            *options,
        ]
        return [part for setting in settings for part in ("-c", setting)]

    def _socket_folder(self, home: Home) -> Path:
        if self.account.user is None:
            return home.run
        folder = self.account.folder.with_name("run")
        folder.mkdir(mode=0o700, exist_ok=True)
        self.account.own(folder)
        return folder

    def _url(self, database: str) -> str:
        return f"postgresql://{NAME}:{self.password}@/{database}?host={quote(str(self.sockets), safe='')}"


def _environment() -> dict[str, str]:
    """What PostgreSQL's programs see: nothing of ours but PATH, so neither PG* variables nor a locale."""
    return {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C", "TZ": "UTC"}
