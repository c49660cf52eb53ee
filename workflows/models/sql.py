"""Statements written out, where Django's cost more than they do: their values are bound by the server.

Django's cursors write the values into the text of each statement, which costs a worker's turn more than the
statement itself. `prepare` is for statements that only insert or read tables which stay small; the others are
planned each time, because a plan from the days when a table was small would be kept.

Arrays of a turn are sent in binary form, as `%b`: as text, each quotation mark of the data in them is escaped
by psycopg in Python, which takes a hundred microseconds for the data of one instance.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

import psycopg
from django.db import connection
from django.db.models import Field, Model

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


def insert(row: Model) -> None:
    """What `save(force_insert=True)` does, by a statement that is made and planned once."""
    values = [
        field.get_db_prep_save(field.pre_save(row, add=True), connection) for field in _columns(type(row))
    ]
    ((row.pk,),) = rows(_insertion(type(row)), values, prepare=True)
    row._state.adding = False


@cache
def _insertion(model: type[Model]) -> str:
    names = [f'"{field.column}"' for field in _columns(model)]
    places = ", ".join(["%s"] * len(names))
    table = model._meta.db_table
    return f'INSERT INTO "{table}" ({", ".join(names)}) VALUES ({places}) RETURNING id'  # noqa: S608


def _columns(model: type[Model]) -> list[Field[Any, Any]]:
    return [field for field in model._meta.local_concrete_fields if not field.primary_key]


def sparse(values: list[Any]) -> list[Any]:
    """A column for `unnest`: empty where all values are None, for short arrays end in NULLs."""
    return values if any(value is not None for value in values) else []
