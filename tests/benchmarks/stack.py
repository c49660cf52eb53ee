"""The servers and workers of one run: fsync on, a data folder of its own, gone afterwards."""

from __future__ import annotations

import contextlib
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from config.env import ROOT
from config.supervisor.children import Child, wait_until
from config.supervisor.home import Home, open_home
from config.supervisor.postgres import Postgres
from config.supervisor.valkey import Valkey

SETTINGS = "tests.benchmarks.settings"
_READY_SECONDS = 60


@contextlib.contextmanager
def servers() -> Iterator[tuple[Home, str]]:
    """PostgreSQL with its defaults and Valkey, and PostgreSQL's address; the environment names both."""
    home = open_home(Path(tempfile.mkdtemp(prefix="countersign-bench-")))
    postgres, valkey = Postgres(home), Valkey(home)
    addresses = {"DATABASE_URL": postgres.url, "REDIS_URL": valkey.url}
    try:
        postgres.start()
        valkey.start()
        os.environ.update(addresses, DATA=str(home.root), DJANGO_SETTINGS_MODULE=SETTINGS)
        yield home, postgres.url
    finally:
        valkey.stop()
        postgres.stop()
        shutil.rmtree(home.root, ignore_errors=True)


@contextlib.contextmanager
def workers(home: Home, *, processes: int, threads: int) -> Iterator[None]:
    """Celery workers on every queue, as `make up` starts them, and beat; ready when they have said so."""
    options = ["-P", "threads", "-c", str(threads), "-Q", "interactive,bulk,signing,maintenance"]
    quiet = ["--without-gossip", "--without-mingle", "--without-heartbeat"]
    children = [
        _celery(home, f"worker{n}", "worker", "-n", f"w{n}@%h", *options, *quiet) for n in range(processes)
    ]
    children.append(_celery(home, "beat", "beat", "--scheduler", "celery.beat:Scheduler", "--pidfile="))
    try:
        for child in children:
            child.start()
        for child in children[:-1]:
            if not wait_until(lambda child=child: "ready." in child.last_words(100), _READY_SECONDS):
                raise RuntimeError(f"{child.name} does not start:\n{child.last_words()}")
        yield
    finally:
        for child in children:
            child.stop()


def _celery(home: Home, name: str, *arguments: str) -> Child:
    command = [sys.executable, "-m", "celery", "--app=config.celery", *arguments, "--loglevel=INFO"]
    environ = {**os.environ, "LOG_LEVEL": "INFO", "WORKER_THREADS": "8"}
    return Child(name, command, log=home.logs / f"{name}.log", environ=environ, cwd=ROOT)
