"""Pages of lists, and a total that never makes a client stop early (contract, 1.1)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models import QuerySet

from workflows.api.serializers.base import Integer, Serializer, Text

COUNTED = 10_001  # rows that an exact total may cost
Rows = QuerySet[Any] | Sequence[Any]


class PageQuery(Serializer):
    """The five paging parameters of every list."""

    QueryString = Text(default="", allow_blank=True, help_text='As `Name -eq "x" AND Id -gt 5`.')
    PageReturned = Integer(default=1, min_value=1)
    ReturnLimit = Integer(default=50, min_value=1, max_value=10_000)
    SortField = Text(default="", allow_blank=True)
    SortAscending = Integer(default=0, min_value=0, max_value=1, help_text="0 ascending, 1 descending.")


def page_of(rows: Rows, page: int, size: int) -> tuple[list[Any], int]:
    """One page and the total: exact up to `COUNTED`, beyond it one more than shown while rows follow."""
    start = (page - 1) * size
    found = list(rows[start : start + size + 1])
    if not found and start:
        return [], _count(rows)
    if len(found) <= size:
        return found, start + len(found)
    return found[:size], max(_count(rows), page * size + 1)


def _count(rows: Rows) -> int:
    return rows[:COUNTED].count() if isinstance(rows, QuerySet) else len(rows)
