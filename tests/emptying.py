"""Tables are emptied after a transactional test by DELETE: TRUNCATE makes hundreds of files anew."""

from __future__ import annotations

import functools

from django.db import connection, transaction
from django.test import TransactionTestCase

_LARGE = 512 * 1024  # bytes; as small as a new table the statistics of a large one should be too
_KEPT = {"django_content_type", "auth_permission"}  # as the migrations leave them
_flush = TransactionTestCase._fixture_teardown  # type: ignore[attr-defined]


def install() -> None:
    TransactionTestCase._fixture_teardown = _empty  # type: ignore[attr-defined]


def _empty(case: TransactionTestCase) -> None:
    """With every lock that TRUNCATE takes, so that it waits for threads as that does."""
    if not _is_quick():
        _flush(case)
        return
    tables = ", ".join(_tables())
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"LOCK TABLE {tables} IN ACCESS EXCLUSIVE MODE")
        cursor.execute("SET LOCAL session_replication_role = replica")  # no triggers
        cursor.execute("; ".join(f"DELETE FROM {table}" for table in _tables()))


def _is_quick() -> bool:
    """Whether all are small and we may do without triggers."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT current_setting('is_superuser')::bool AND max(pg_relation_size(t::regclass)) < %s"
            " FROM unnest(%s::text[]) AS t",
            [_LARGE, list(_tables())],
        )
        return bool(cursor.fetchone()[0])


@functools.cache
def _tables() -> tuple[str, ...]:
    names = connection.introspection.django_table_names(only_existing=True, include_views=False)
    return tuple(connection.ops.quote_name(name) for name in sorted(set(names) - _KEPT))
