"""Pages of lists whose count never reads more rows than a person would page through."""

from __future__ import annotations

from functools import cached_property
from typing import Any, TypeVar

from django.core.paginator import Page, Paginator
from django.db.models import Model, QuerySet
from django.http import QueryDict

SIZE = 25
COUNTED = 10_000  # rows that a total may cost

Row = TypeVar("Row", bound=Model)


class CappedPaginator(Paginator):  # type: ignore[type-arg]
    """`is_capped` says that there are more rows than it counted."""

    object_list: QuerySet[Any]

    @cached_property
    def count(self) -> int:
        return min(self._counted, COUNTED)

    @property
    def is_capped(self) -> bool:
        return self._counted > COUNTED

    @cached_property
    def _counted(self) -> int:
        return self.object_list[: COUNTED + 1].count()


def page_of(rows: QuerySet[Row], params: QueryDict, size: int = SIZE) -> tuple[Page, list[Row]]:  # type: ignore[type-arg]
    """The page that `?page=` names, the nearest one when there is no such page, and its rows."""
    page = CappedPaginator(rows, size).get_page(params.get("page"))
    return page, list(page.object_list)
