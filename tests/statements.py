"""Counting what is sent to PostgreSQL, the statements that Django's own count does not see among it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest import mock

import psycopg


@contextmanager
def sent() -> Iterator[list[str]]:
    """The statements of this block, in their order, less those that begin and end transactions."""
    statements: list[str] = []
    execute = psycopg.Cursor.execute

    def noting(cursor: psycopg.Cursor[Any], query: Any, *arguments: Any, **options: Any) -> Any:
        if "SAVEPOINT" not in (text := str(query)):
            statements.append(" ".join(text.split()))
        return execute(cursor, query, *arguments, **options)

    with mock.patch.object(psycopg.Cursor, "execute", noting):
        yield statements
