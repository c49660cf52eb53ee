"""Statements written out, where Django's cost more than they do: their values are bound by the server.

Django's cursors write the values into the text of each statement, which costs a worker's turn more than the
statement itself. `prepare` is for statements that only insert or read tables which stay small; the others are
planned each time, because a plan from the days when a table was small would be kept.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import psycopg
from django.db import connection

Row = tuple[Any, ...]


def execute(statement: str, arguments: Sequence[Any], *, prepare: bool = False) -> psycopg.Cursor[Row]:
    """Run a statement on Django's connection, in its transaction; raises Django's database errors."""
    connection.ensure_connection()
    connection.validate_no_broken_transaction()
    with connection.wrap_database_errors:
        return psycopg.Cursor(connection.connection).execute(statement, arguments, prepare=prepare)


def rows(statement: str, arguments: Sequence[Any], *, prepare: bool = False) -> list[Row]:
    """What the statement returns."""
    return execute(statement, arguments, prepare=prepare).fetchall()


def sparse(values: list[Any]) -> list[Any]:
    """A column for `unnest`: empty where all values are None, for short arrays end in NULLs."""
    return values if any(value is not None for value in values) else []
