"""Pages of lists whose count never reads more rows than a person would page through (docs/lists.md)."""

from __future__ import annotations

from functools import cached_property
from typing import Any, TypeVar

from django.core.paginator import Page, Paginator
from django.db.models import Model, QuerySet
from django.http import QueryDict

from workflows.errors import SearchTooBroad
from workflows.search.counting import COUNTED, capped_count
from workflows.search.limits import limited

SIZE = 25

Row = TypeVar("Row", bound=Model)


class CappedPaginator(Paginator):  # type: ignore[type-arg]
    """`is_capped` says that there are more rows than it counted, `problem` why it shows none."""

    object_list: QuerySet[Any]
    problem = ""

    @cached_property
    def count(self) -> int:
        return min(self._counted, COUNTED - 1)

    @property
    def is_capped(self) -> bool:
        return self._counted == COUNTED

    @cached_property
    def _counted(self) -> int:
        return capped_count(self.object_list)


def page_of(rows: QuerySet[Row], params: QueryDict, size: int = SIZE) -> tuple[Page, list[Row]]:  # type: ignore[type-arg]
    """The page that `?page=` names, the nearest one when there is no such page, and its rows.

    None, with the paginator's `problem`, where the database takes longer than it may.
    """
    try:
        with limited():
            page = CappedPaginator(rows, size).get_page(_number(params.get("page")))
            return page, list(page.object_list)
    except SearchTooBroad as error:
        nothing = CappedPaginator(rows.none(), size)
        nothing.problem = str(error)
        return nothing.get_page(1), []


def _number(given: str | None) -> int:
    """Before the first page is the first one; Django would show the last."""
    try:
        return max(int(given or 1), 1)
    except ValueError:
        return 1
