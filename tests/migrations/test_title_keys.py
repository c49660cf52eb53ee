"""Titles have their index after an upgrade, whatever an earlier one left."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor


@pytest.fixture
def _latest() -> Iterator[None]:
    """Whatever happens, the database ends as it was."""
    yield
    executor = MigrationExecutor(connection)
    executor.migrate(executor.loader.graph.leaf_nodes("workflows"))


def ask(statement: str) -> object:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return cursor.fetchone() if cursor.description else None


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("_latest")
def test_an_upgrade_after_a_dump_from_before_it_was_restored() -> None:
    MigrationExecutor(connection).migrate([("workflows", "0025_ended_instances")])
    assert ask("SELECT to_regproc('title_keys')") == (None,)
    # `pg_restore --clean` leaves what the dump does not know.
    ask("CREATE FUNCTION title_keys(title text) RETURNS text[] IMMUTABLE RETURN ARRAY[title]")
    MigrationExecutor(connection).migrate([("workflows", "0026_title_keys")])
    assert ask("SELECT title_keys('no-17')") == (["NO", "17"],)
    assert ask("SELECT to_regclass('record_by_title_keys')") == ("record_by_title_keys",)
