"""`listing`: the one decorator of every list, with search, order, page and total."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from rest_framework.response import Response

from workflows.api.paging import PageQuery, Rows, page_of
from workflows.api.serializers.base import Serializer
from workflows.api.shapes import Shape, show
from workflows.api.views.base import Method, View, operation


def listing(
    answer: type[Serializer],
    *,
    fields: Any,
    sort: str,
    permission: str | tuple[str, ...] = (),
    query: type[Serializer] | None = None,
    **schema: Any,
) -> Callable[[Method], Method]:
    """Makes a list of a method that returns rows: a queryset, or a sequence that fits in memory.

    `fields` are the names that `QueryString` and `SortField` may use, `sort` is used without SortField.
    `query` adds parameters; it must be a subclass of PageQuery, and the method gets them all as `query`.
    """

    rows_of: Shape = list[answer]  # type: ignore[valid-type]

    def decorate(method: Callable[..., Rows]) -> Method:
        def handler(self: View, query: dict[str, Any], **arguments: Any) -> Response:
            rows = method(self, **arguments, **({"query": query} if own_query else {}))
            page, total = page_of(rows, query["page_returned"], query["return_limit"])
            return Response(show(rows_of, page, self.context), headers={"x-total-count": str(total)})

        handler.__doc__ = method.__doc__
        return operation(answer=rows_of, query=query or PageQuery, permission=permission, **schema)(handler)

    own_query = query is not None
    return decorate
