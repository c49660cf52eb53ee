"""`listing`: the one decorator of every list, with search, order, page and total (contract, 1.1)."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from rest_framework.response import Response

from workflows.access.actors import Actor
from workflows.api.filters.base import FilterSet
from workflows.api.headers import TOTAL
from workflows.api.lean import sheet_of
from workflows.api.paging import PageQuery, Rows, few_keys, page_of, page_of_keys
from workflows.api.serializers.base import Serializer
from workflows.api.shapes import Shape, show
from workflows.api.views.base import Method, View, operation
from workflows.search.apply import filter_queryset, order_queryset
from workflows.search.by_key import by_key
from workflows.search.counting import COUNTED, capped_count
from workflows.search.fields import Fields
from workflows.search.limits import limited
from workflows.search.memory import filter_items, order_items
from workflows.search.paging import paging


def listing(
    answer: type[Serializer],
    *,
    fields: Fields,
    sort: str,
    permission: str | tuple[str, ...] = (),
    query: type[Serializer] | None = None,
    filters: type[FilterSet] | None = None,
    grows: bool = False,
    few: Callable[[Actor, int], list[int]] | None = None,
    **schema: Any,
) -> Callable[[Method], Method]:
    """Makes a list of a method that returns rows: a queryset, or a sequence that fits in memory.

    `fields` are what `QueryString` and `SortField` may name, `sort` is used without SortField, descending
    with a minus before it where no direction is asked for. `query` adds parameters, which the method gets
    as `query`; `filters` adds parameters that narrow the rows. A list that `grows` is written straight from
    its columns, and without SortField it comes newest first when it is long; where a caller has few of its
    rows, their keys are read once for page and total, and `few` reads those of all his newest ones.

    Raises SearchTooBroad when the database takes longer than it may.
    """
    rows_of: Shape = list[answer]  # type: ignore[valid-type]
    parameters = [PageQuery, *(filters.parameters() if filters else []), TOTAL]

    def decorate(method: Callable[..., Rows]) -> Method:
        def handler(self: View, **arguments: Any) -> Response:
            params = self.query_params
            page = paging(params)
            sheet = sheet_of(answer, self.profile) if grows else None
            with limited(fields.narrowing):
                rows = method(self, **arguments)
                if filters is not None and isinstance(rows, QuerySet):
                    rows = filters.narrow(rows, params)
                found = _ordered(_searched(rows, params, fields, self.actor), params, fields, sort)
                if not (sheet and isinstance(found, QuerySet)):
                    shown, total = page_of(found, page)
                elif few and (keys := _few_keys(found, params, self.actor, few)) is not None:
                    shown, total = page_of_keys(found, keys, page, sheet.columns)
                else:
                    shown, total = page_of(_unless_long(found, params, fields), page, sheet.columns)
            written = [sheet.write(row) for row in shown] if sheet else show(rows_of, shown, self.context)
            return Response(written, headers={"x-total-count": str(total)})

        handler.__doc__ = method.__doc__
        described = operation(
            answer=rows_of, query=query, permission=permission, parameters=parameters, **schema
        )
        return described(handler)

    return decorate


def _searched(rows: Rows, params: Mapping[str, str], fields: Fields, actor: Actor) -> Rows:
    wanted = params.get("querystring")
    asked: dict[str, Any] = {"me": actor.name, "today": timezone.now().date()}
    if isinstance(rows, QuerySet):
        return filter_queryset(rows, wanted, fields, **asked)
    return filter_items(rows, wanted, fields, **asked)


def _ordered(rows: Rows, params: Mapping[str, str], fields: Fields, sort: str) -> Rows:
    field, direction = params.get("sortfield", "").strip(), params.get("sortascending", "").strip()
    if sort.startswith("-") and not (field or direction):
        direction = "Descending"
    order = (field, direction, fields, sort.removeprefix("-"))
    return order_queryset(rows, *order) if isinstance(rows, QuerySet) else order_items(rows, *order)


def _few_keys(
    rows: QuerySet[Any], params: Mapping[str, str], actor: Actor, few: Callable[[Actor, int], list[int]]
) -> list[int] | None:
    is_narrowed = bool(params.get("querystring", "").strip())
    return few_keys(rows, None if is_narrowed else functools.partial(few, actor))


def _unless_long(rows: QuerySet[Any], params: Mapping[str, str], fields: Fields) -> QuerySet[Any]:
    """Where no order was asked for and there are too many rows to sort them all: newest first."""
    is_by_default = not params.get("sortfield", "").strip()
    is_long = is_by_default and capped_count(rows) == COUNTED
    return by_key(rows, fields, descending=True) if is_long else rows
