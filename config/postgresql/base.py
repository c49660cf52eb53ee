"""Connections of a process that outlive any restart of the server (ENGINE `config.postgresql`).

The pool looks at a connection before it hands it out. Out of the box it then drops that one and, of all that
a restart has broken, some four for each request, which waits for seconds and fails; with a server that
restarts again before the last one is gone, all requests do.
"""

from __future__ import annotations

from functools import partial
from typing import Any

import psycopg
from django.db.backends.postgresql import base
from psycopg_pool import ConnectionPool

Pool = ConnectionPool[psycopg.Connection[Any]]


class DatabaseWrapper(base.DatabaseWrapper):
    @property
    def pool(self) -> Pool | None:
        pool: Pool | None = super().pool
        if pool is not None:
            pool._check = partial(check, pool)  # Django names its own and takes no other
        return pool


def check(pool: Pool, connection: psycopg.Connection[Any]) -> None:
    """Raises psycopg.Error for a broken connection, and has all that are not in use made anew.

    What broke one has broken all: the server was away.
    """
    try:
        pool.check_connection(connection)
    except psycopg.Error:
        pool.drain()
        raise
