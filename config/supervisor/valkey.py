"""Our own Valkey: the broker of one data folder, reachable by its socket only."""

from __future__ import annotations

import os
import signal
from urllib.parse import quote

import redis

from config.supervisor.binaries import valkey_server
from config.supervisor.children import Child, wait_until
from config.supervisor.home import Home, SupervisorError, private_folder


class Valkey(Child):
    """The server; what it holds are hints, so an append-only file synced every second is plenty."""

    def __init__(self, home: Home) -> None:
        self.socket = home.run / "valkey.sock"
        self.folder = private_folder(home.root / "valkey")
        super().__init__(
            "valkey",
            [
                *(str(valkey_server()), "--port", "0"),
                *("--unixsocket", str(self.socket), "--unixsocketperm", "700"),
                *("--dir", str(self.folder), "--appendonly", "yes", "--save", "", "--daemonize", "no"),
            ],
            log=home.logs / "valkey.log",
            environ={"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C"},
            orphan_signal=signal.SIGTERM,
            cwd=self.folder,
        )

    @property
    def url(self) -> str:
        """REDIS_URL of this server."""
        return f"unix://{quote(str(self.socket))}?db=0"

    def start(self) -> None:
        """Starts the server and waits until it answers. Raises SupervisorError with its last words."""
        self.socket.unlink(
            missing_ok=True
        )  # of a killed one; the lock on the data folder says it is not ours
        super().start()
        wait_until(lambda: not self.is_alive() or self._answers(), seconds=30)
        if not self.is_alive():
            raise SupervisorError(f"Valkey does not start:\n{self.last_words()}")

    def _answers(self) -> bool:
        try:
            with redis.Redis.from_url(self.url, socket_timeout=1) as client:
                return bool(client.ping())
        except redis.RedisError:
            return False
