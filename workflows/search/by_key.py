"""Rows in the order of their key, also where they are narrowed to a span of another column.

Of a span, a tree index has either the rows inside sorted by that column, or all rows sorted by key: one is
read and sorted as a whole, the other is walked past what lies outside. A GiST index of both columns has the
nearest key inside the span first.
"""

from __future__ import annotations

from functools import cache
from typing import Any, TypeVar

from django.db.models import BigIntegerField, F, Func, Model, QuerySet
from django.db.models.expressions import OrderBy
from django.db.models.lookups import GreaterThan, GreaterThanOrEqual, LessThan, LessThanOrEqual
from django.db.models.sql.where import AND, WhereNode

from workflows.search.fields import Fields

Row = TypeVar("Row", bound=Model)

_BOUNDS = (GreaterThan, GreaterThanOrEqual, LessThan, LessThanOrEqual)
_FIRST, _LAST = 0, 2**53  # no key is beyond, and GiST measures distances in floating point


def by_key(rows: QuerySet[Row], fields: Fields, *, descending: bool) -> QuerySet[Row]:
    """Sorted by the key alone, in the way that an index serves."""
    for column, key in fields.spans.items():
        if _is_bounded(rows.query.where, _column(rows, column)):
            return rows.order_by(nearest(key, descending=descending))
    return rows.order_by("-pk" if descending else "pk")


@cache
def nearest(key: str, *, descending: bool) -> OrderBy:
    """The order of `key` as distances from an end; GiST knows no other order."""
    end = _LAST if descending else _FIRST
    return OrderBy(Func(indexed(key), template=f"(%(expressions)s <-> {end})"))


def indexed(key: str) -> Func:
    """The key as the GiST index has it."""
    return Func(F(key), template="(%(expressions)s + 0)", output_field=BigIntegerField())


def _is_bounded(condition: Any, column: Any) -> bool:
    """Whether each row that fulfils the condition lies within bounds of the column."""
    if isinstance(condition, WhereNode):
        are_all = condition.connector == AND and not condition.negated
        return are_all and any(_is_bounded(each, column) for each in condition.children)
    return isinstance(condition, _BOUNDS) and getattr(condition.lhs, "target", None) is column


def _column(rows: QuerySet[Any], path: str) -> Any:
    _path, column, *_rest = rows.query.names_to_path(path.split("__"), rows.query.get_meta())
    return column
