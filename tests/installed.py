"""Rows that one test made and the next ones want again: copied out of the database, and in again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import connection, transaction
from psycopg import sql

Copies = Mapping[str, bytes]


def filled_tables() -> set[str]:
    """The tables that hold rows."""
    asked = " UNION ALL ".join(
        f"SELECT '{table}' WHERE EXISTS (SELECT FROM \"{table}\")"
        for table in connection.introspection.table_names()
    )
    with connection.cursor() as cursor:
        cursor.execute(asked)
        return {table for (table,) in cursor.fetchall()}


def copy_out(tables: set[str]) -> Copies:
    with connection.cursor() as cursor:
        return {table: _copied(cursor, table) for table in tables}


def copy_in(copies: Copies) -> None:
    """Foreign keys are looked at when all is in; sequences have passed these ids already."""
    with transaction.atomic(), connection.cursor() as cursor:
        for table, rows in copies.items():
            with cursor.copy(_statement("COPY {} FROM STDIN (FORMAT BINARY)", table)) as target:
                target.write(rows)


def _copied(cursor: Any, table: str) -> bytes:
    with cursor.copy(_statement("COPY {} TO STDOUT (FORMAT BINARY)", table)) as source:
        return b"".join(bytes(part) for part in source)


def _statement(text: str, table: str) -> sql.Composed:
    return sql.SQL(text).format(sql.Identifier(table))
