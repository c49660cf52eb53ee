"""The whole product as its users have it: `manage.py up` in a process of its own, spoken to over HTTP."""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from urllib.parse import urlsplit

import httpx2
import psycopg

from config.env import ROOT
from config.supervisor.children import Child, wait_until

_START_SECONDS = 120
_INHERITED = ("PATH", "HOME", "TMPDIR", "LANG", "POSTGRES_BIN", "VALKEY_SERVER")


@dataclass(frozen=True)
class Product:
    """A running installation; `environ` lets further processes join it."""

    url: str
    username: str
    password: str
    data: Path
    environ: dict[str, str]
    supervisor: subprocess.Popen[bytes]

    @property
    def database_url(self) -> str:
        return (
            self.environ.get("DATABASE_URL") or (self.data / "secrets" / "database-url").read_text().strip()
        )

    @property
    def redis_url(self) -> str:
        return self.environ.get("REDIS_URL") or (self.data / "secrets" / "redis-url").read_text().strip()

    def client(self, username: str = "", password: str = "") -> httpx2.Client:
        """An API client with Basic authentication, as the first administrator unless somebody is named."""
        return httpx2.Client(
            base_url=self.url,
            auth=(username or self.username, password or self.password),
            headers={"x-keyfactor-requested-with": "APIClient"},
            timeout=60,
            trust_env=False,
        )

    @contextlib.contextmanager
    def extra_worker(self, *, threads: int = 2) -> Iterator[Child]:
        """One more worker process, for a test to kill."""
        name = f"extra-{secrets.token_hex(4)}"
        queues = "interactive,bulk,signing,maintenance"
        worker = Child(
            name,
            [
                *(sys.executable, "-m", "celery", "--app=config.celery", "worker", "-P", "threads"),
                *(
                    "-c",
                    str(threads),
                    "-n",
                    f"{name}@%h",
                    "-Q",
                    queues,
                    "--without-gossip",
                    "--without-mingle",
                ),
            ],
            log=self.data / "log" / f"{name}.log",
            environ=self.environ,
            cwd=ROOT,
        )
        worker.start()
        try:
            yield worker
        finally:
            worker.stop()

    def logs(self) -> str:
        """Everything that any of its processes has written."""
        return "\n".join(path.read_text(errors="replace") for path in (self.data / "log").glob("*.log"))


@contextlib.contextmanager
def running_product(data: Path, **settings: str) -> Iterator[Product]:
    """Starts the product with its data in `data` and yields it once `/readyz` says so."""
    environ = _environ(data, settings)
    command = [sys.executable, "manage.py", "up", "--until-parent-ends"]
    output = data.with_name(f"{data.name}.output")
    with output.open("wb") as sink:
        supervisor = subprocess.Popen(command, cwd=ROOT, env=environ, stdout=sink, stderr=sink)
    try:
        url = f"http://127.0.0.1:{environ['PORT']}"
        if not wait_until(lambda: supervisor.poll() is not None or is_ready(url), _START_SECONDS, pause=0.2):
            raise AssertionError(f"the product is not ready:\n{output.read_text()}")
        assert supervisor.poll() is None, output.read_text()
        login = json.loads((data / "first-login.json").read_text())
        yield Product(url, login["username"], login["password"], data, environ, supervisor)
    finally:
        supervisor.send_signal(signal.SIGTERM)
        supervisor.wait(60)


def _environ(data: Path, settings: dict[str, str]) -> dict[str, str]:
    """Nothing of the test run's own settings: the product makes its own keys and starts its own servers."""
    inherited = {name: os.environ[name] for name in _INHERITED if name in os.environ}
    port = settings.get("PORT") or free_port()
    return {
        **inherited,
        **_named_servers(),
        "DATA": str(data),
        "PORT": str(port),
        "PUBLIC_URL": f"http://127.0.0.1:{port}",
        "WEB_WORKERS": "1",
        "WORKERS": "1",
        "OUTBOUND_ALLOW_PRIVATE": "127.0.0.1,localhost",
        **settings,
    }


def _named_servers() -> dict[str, str]:
    """Where the run was given servers, a database of its own on them."""
    named: dict[str, str] = {}
    if url := os.environ.get("TEST_DATABASE_URL"):
        name = f"countersign_test_{secrets.token_hex(4)}"
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}")
        named["DATABASE_URL"] = urlsplit(url)._replace(path=f"/{name}").geturl()
    if url := os.environ.get("TEST_REDIS_URL"):
        named["REDIS_URL"] = url
    return named


def is_ready(url: str) -> bool:
    """Whether `/readyz` answers 200; asked so often that the authorities for TLS are not loaded each time."""
    connection = HTTPConnection(urlsplit(url).netloc, timeout=5)
    try:
        connection.request("GET", "/readyz")
        return connection.getresponse().status == 200
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
