"""Celery workers on the database of the running test: healthy ones, and ones that are doomed to die."""

from __future__ import annotations

import contextlib
import os
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import quote, urlsplit

from django.conf import settings
from django.db import connection

from config.env import ROOT
from config.supervisor.children import Child
from workflows.engine import queue, stopping

PATIENCE = 90  # seconds; a busy machine takes many to start a worker
QUEUES = "interactive,bulk,signing,maintenance"


@contextlib.contextmanager
def worker(folder: Path, name: str, *, die_at: str = "") -> Iterator[Child]:
    """One worker process with two threads, killed at `die_at` by its own hand."""
    module = "tests.faults.settings" if die_at else "tests.settings"
    environ = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": module,
        "DATABASE_URL": _database_url(),
        "REDIS_URL": settings.REDIS_URL,
        "DIE_AT": die_at,
        "LOG_LEVEL": "INFO",
    }
    arguments = ["-m", "celery", "--app=config.celery", "worker", "-P", "threads", "-c", "2", "-Q", QUEUES]
    quiet = ["-n", f"{name}@%h", "--without-gossip", "--without-mingle"]
    child = Child(
        name, [sys.executable, *arguments, *quiet], log=folder / f"{name}.log", environ=environ, cwd=ROOT
    )
    child.start()
    try:
        yield child
    finally:
        child.stop()


def work_until(is_done: Callable[[], bool], what: str, child: Child) -> None:
    """Tick as beat does until `is_done()`; fails with the worker's last words."""
    end = time.monotonic() + PATIENCE
    while not is_done():
        assert time.monotonic() < end, f"{what} did not come about:\n{child.last_words(4000)}"
        queue.wake_ready_queues()
        stopping.sweep()
        time.sleep(0.1)


def _database_url() -> str:
    """Where this test's own database lies, for another process."""
    found = connection.settings_dict
    url = urlsplit(os.environ["DATABASE_URL"])
    return url._replace(path=f"/{quote(str(found['NAME']))}").geturl()
