"""Applies the same queries and sorting to what is no table: the catalogues of step and workflow types."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from typing import Any, TypeVar

from workflows.search.fields import Demand, Fields
from workflows.search.grammar import parse
from workflows.search.kinds import Context
from workflows.search.paging import is_descending
from workflows.search.syntax import And, Node, Or

Item = TypeVar("Item")

_TESTS: dict[str, Callable[[Any, Any], bool]] = {
    "exact": operator.eq,
    "contains": operator.contains,
    "startswith": str.startswith,
    "endswith": str.endswith,
    "gt": operator.gt,
    "gte": operator.ge,
    "lt": operator.lt,
    "lte": operator.le,
    "in": lambda value, wanted: value in wanted,
}


def filter_items(
    items: Iterable[Item], query: str | None, fields: Fields, *, me: str | None, today: date
) -> list[Item]:
    """The items that a query asks for; a field's `lookup` is an attribute, or a key of a mapping.

    A list of values fulfils what one of them fulfils, an empty one is null. Raises InvalidQuery.
    """
    node = parse(query or "")
    if node is None:
        return list(items)
    return list(filter(_predicate(node, fields, Context(me, today)), items))


def order_items(
    items: Iterable[Item],
    sort_field: str | None,
    sort_ascending: str | int | None,
    fields: Fields,
    default: str,
) -> list[Item]:
    """Sorted by a field (absent or blank: `default`), null last, items of equal value as they came."""
    lookup = fields.sortable(sort_field or default).lookup

    def key(item: Item) -> tuple[bool, Any]:
        values = _values(item, lookup)
        return (not values, _folded(values))

    return sorted(items, key=key, reverse=is_descending(sort_ascending))


def _predicate(node: Node, fields: Fields, context: Context) -> Callable[[Any], bool]:
    match node:
        case And(parts):
            every = [_predicate(part, fields, context) for part in parts]
            return lambda item: all(holds(item) for holds in every)
        case Or(parts):
            either = [_predicate(part, fields, context) for part in parts]
            return lambda item: any(holds(item) for holds in either)
        case comparison:
            demand = fields.demand(comparison, context)
            return lambda item: _fulfils(demand, item)


def _fulfils(demand: Demand, item: Any) -> bool:
    values = _values(item, demand.lookup)
    if demand.matches:
        fulfilled = any(all(_test(value, *match) for match in demand.matches) for value in values)
    else:
        fulfilled = all(value == demand.empty for value in values)
    return fulfilled is not demand.negated


def _test(value: Any, lookup: str, wanted: Any) -> bool:
    if lookup.startswith("i") and lookup != "in":
        return _TESTS[lookup[1:]](_folded(value), _folded(wanted))
    return _TESTS[lookup](value, wanted)


def _values(item: Any, lookup: str) -> list[Any]:
    value = item[lookup] if isinstance(item, Mapping) else getattr(item, lookup)
    if value is None:
        return []
    return list(value) if isinstance(value, list | tuple | set | frozenset) else [value]


def _folded(value: Any) -> Any:
    if isinstance(value, list):
        return [_folded(each) for each in value]
    return value.lower() if isinstance(value, str) else value
