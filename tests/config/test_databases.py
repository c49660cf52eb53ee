"""The pool of a process finds PostgreSQL again, whatever has happened to the server meanwhile."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import OperationalError
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.utils import ConnectionHandler
from pytest_django import DjangoDbBlocker

from config import databases
from config.supervisor.home import open_home
from config.supervisor.postgres import Postgres
from tests.config.test_embedded_servers import FAST, running

THREADS = 12


@pytest.fixture
def postgres(tmp_path: Path) -> Iterator[Postgres]:
    server = Postgres(open_home(tmp_path / "data"), FAST)
    with running(server):
        yield server


@pytest.fixture
def connection(
    postgres: Postgres, monkeypatch: pytest.MonkeyPatch, django_db_blocker: DjangoDbBlocker
) -> Iterator[BaseDatabaseWrapper]:
    """As each thread has one; who waits for the database gives up after two seconds."""
    monkeypatch.setattr(databases, "PATIENCE", 2)
    entry = databases.database(postgres.url, threads=THREADS, limits={})
    connection: Any = ConnectionHandler({"default": entry})["default"]
    connection._connection_pools = {}  # those of the process are known by alias: `default` is the tests' own
    with django_db_blocker.unblock():
        yield connection
    connection.close()
    connection.close_pool()


def use_all(connection: BaseDatabaseWrapper) -> None:
    """As many threads at once have done, which are quiet now."""
    connection.pool.open()
    taken = [connection.pool.getconn() for _ in range(THREADS)]
    for each in taken:
        connection.pool.putconn(each)


def answer(connection: BaseDatabaseWrapper) -> int:
    """As one request does: the connection goes back to the pool."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
            return int(cursor.fetchone()[0])
    finally:
        connection.close()


def test_the_first_who_asks_after_a_restart_is_answered(
    postgres: Postgres, connection: BaseDatabaseWrapper
) -> None:
    use_all(connection)
    for _ in range(3):
        postgres.stop()
        postgres.start()
        assert answer(connection) == 1


def test_a_server_that_was_away_for_long_is_found_at_once(
    postgres: Postgres, connection: BaseDatabaseWrapper
) -> None:
    use_all(connection)
    postgres.stop()
    for _ in range(4):
        with pytest.raises(OperationalError):
            answer(connection)
    postgres.start()
    assert answer(connection) == 1
