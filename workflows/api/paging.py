"""Pages of lists, and a total that never makes a client stop early (contract, 1.1; docs/lists.md)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from django.db.models import QuerySet

from workflows.actions.list_marks import FAR, Mark, Marks, fits
from workflows.api.serializers.base import Integer, Serializer, Text
from workflows.search.counting import COUNTED, generous_count
from workflows.search.paging import DEFAULT_SIZE, LARGEST_SIZE, Page

_BY_KEY = {("-pk",): 1, ("pk",): -1}  # orders, and how the newest keys are read for them
Rows = QuerySet[Any] | Sequence[Any]
Newest = Callable[[int], list[int]]
"""The keys of a list's newest rows, at most so many, last first."""


class PageQuery(Serializer):
    """The five paging parameters, as the schema describes them; `workflows.search` reads them."""

    QueryString = Text(required=False, help_text='Such as `Name -eq "x" AND Id -gt 5`.')
    PageReturned = Integer(default=1, min_value=1)
    ReturnLimit = Integer(default=DEFAULT_SIZE, min_value=1, max_value=LARGEST_SIZE)
    SortField = Text(required=False)
    SortAscending = Integer(default=0, min_value=0, max_value=1, help_text="0 ascending, 1 descending.")


def page_of(rows: Rows, page: Page, columns: Sequence[str] = ()) -> tuple[list[Any], int]:
    """One page and the total: exact as far as lists are counted, then generous, never less than what follows.

    With `columns` its rows are tuples of these.
    """
    found = _read(rows, page, columns)
    if found and len(found) <= page.size:
        return found, page.start + len(found)
    total = generous_count(rows) if isinstance(rows, QuerySet) else len(rows)
    return found[: page.size], max(total, page.stop + 1) if found else min(total, page.start)


def few_keys(rows: QuerySet[Any], newest: Newest | None = None) -> list[int] | None:
    """The keys of all rows in their order; None when there are more than lists are counted.

    `newest` reads those keys without the rows, where nothing else narrows or sorts them.
    """
    order = rows.query.order_by
    if newest is None or order not in _BY_KEY:
        keys = list(rows.values_list("pk", flat=True)[:COUNTED])
    else:
        keys = newest(COUNTED)[:: _BY_KEY[order]]
    return keys if len(keys) < COUNTED else None


def page_of_keys(
    rows: QuerySet[Any], keys: Sequence[int], page: Page, columns: Sequence[str]
) -> tuple[list[Any], int]:
    """As `page_of`, when all `keys` are known: what is shown is joined for the rows of this page alone."""
    shown = rows.model._default_manager.filter(pk__in=keys[page.start : page.stop])
    return list(shown.order_by(*rows.query.order_by).values_list(*columns)), len(keys)


def _read(rows: Rows, page: Page, columns: Sequence[str]) -> list[Any]:
    """The rows of the page and one more, if there is one."""
    if not isinstance(rows, QuerySet):
        return list(rows[page.start : page.stop + 1])
    shown = rows.values_list(*columns) if columns else rows
    if page.start >= FAR and fits(rows):
        return list(shown.filter(pk__in=_far_keys(rows, page)))
    return list(shown[page.start : page.stop + 1])


def _far_keys(rows: QuerySet[Any], page: Page) -> list[int]:
    """From the end of the page before, if somebody has lately been there, else from where somebody walked."""
    marks = Marks(rows)
    mark = marks.reach(page.start)
    begin = page.start - (mark.place if mark else 0)
    found = list(marks.beyond(mark)[begin : begin + page.size + 1])
    if len(found) > page.size:
        marks.leave_page(Mark(page.stop, found[page.size - 1]))
    return found
