"""Applies queries and sorting to tables."""

from __future__ import annotations

from datetime import UTC, date, tzinfo
from typing import TypeVar

from django.db.models import F, Model, Q, QuerySet
from django.db.models.functions import Lower

from workflows.search.by_key import by_key
from workflows.search.fields import Demand, Field, Fields
from workflows.search.grammar import parse
from workflows.search.kinds import Context, Text
from workflows.search.paging import is_descending
from workflows.search.syntax import And, Node, Or

Row = TypeVar("Row", bound=Model)


def filter_queryset(
    queryset: QuerySet[Row],
    query: str | None,
    fields: Fields,
    *,
    me: str | None,
    today: date,
    zone: tzinfo = UTC,
) -> QuerySet[Row]:
    """The rows that a query asks for, all for a blank one.

    `me` is the caller as the fields spell people (`DOMAIN\\name`), `today` the day in `zone`, by which
    days are meant. Raises
    InvalidQuery, pointing at the character, for what cannot be understood.
    """
    node = parse(query or "")
    return queryset if node is None else queryset.filter(_condition(node, fields, Context(me, today, zone)))


def order_queryset(
    queryset: QuerySet[Row],
    sort_field: str | None,
    sort_ascending: str | int | None,
    fields: Fields,
    default: str,
) -> QuerySet[Row]:
    """Sorted by a field of the list (absent or blank: `default`), rows of equal value by their key.

    Raises InvalidQuery for a field that the list does not sort by, and for another direction than 0 or 1.
    """
    field, descending = fields.sortable(sort_field or default), is_descending(sort_ascending)
    if field.lookup == "pk":
        return by_key(queryset, fields, descending=descending)
    key = _sort_key(field)
    rows = _joined(queryset, field, fields)
    return rows.order_by(key.desc() if descending else key.asc(), "-pk" if descending else "pk")


def _condition(node: Node, fields: Fields, context: Context) -> Q:
    match node:
        case And(parts):
            return Q(*(_condition(part, fields, context) for part in parts))
        case Or(parts):
            return Q(*(_condition(part, fields, context) for part in parts), _connector=Q.OR)
        case comparison:
            return _demanded(fields.demand(comparison, context))


def _demanded(demand: Demand) -> Q:
    is_null = Q((f"{demand.lookup}__isnull", True))
    matches = Q(*((f"{demand.lookup}__{lookup}", value) for lookup, value in demand.matches))
    if demand.matches:
        return ~matches | is_null if demand.negated else matches
    if demand.empty is not None:
        is_null |= Q((demand.lookup, demand.empty))
    return ~is_null if demand.negated else is_null


def _joined(queryset: QuerySet[Row], field: Field, fields: Fields) -> QuerySet[Row]:
    """An outer join would keep the planner from the index of the other table."""
    relation = field.lookup.partition("__")[0]
    return queryset.filter(**{f"{relation}__isnull": False}) if relation in fields.certain else queryset


def _sort_key(field: Field) -> F | Lower:
    """Texts without case: the database's own order puts 'B' before 'a'."""
    ignores_case = isinstance(field.kind, Text) and field.kind.ignore_case
    path = field.sorted_by or field.lookup
    return Lower(path) if ignores_case else F(path)
