"""Pages of lists, and a total that never makes a client stop early (contract, 1.1)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models import QuerySet

from workflows.api.serializers.base import Integer, Serializer, Text
from workflows.search.paging import DEFAULT_SIZE, LARGEST_SIZE, Page

COUNTED = 10_001  # rows that a total may cost
Rows = QuerySet[Any] | Sequence[Any]


class PageQuery(Serializer):
    """The five paging parameters, as the schema describes them; `workflows.search` reads them."""

    QueryString = Text(required=False, help_text='Such as `Name -eq "x" AND Id -gt 5`.')
    PageReturned = Integer(default=1, min_value=1)
    ReturnLimit = Integer(default=DEFAULT_SIZE, min_value=1, max_value=LARGEST_SIZE)
    SortField = Text(required=False)
    SortAscending = Integer(default=0, min_value=0, max_value=1, help_text="0 ascending, 1 descending.")


def page_of(rows: Rows, page: Page) -> tuple[list[Any], int]:
    """One page and the total: exact up to `COUNTED`, beyond it one more than shown while rows follow."""
    found = list(rows[page.start : page.stop + 1])
    if found and len(found) <= page.size:
        return found, page.start + len(found)
    total = _count(rows)
    return found[: page.size], max(total, page.stop + 1) if found else total


def _count(rows: Rows) -> int:
    return rows[:COUNTED].count() if isinstance(rows, QuerySet) else len(rows)
