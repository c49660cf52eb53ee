"""How many rows a list has, without reading more of them than a person would page through."""

from __future__ import annotations

import json
from typing import Any

from django.db.models import Max, Min, QuerySet

COUNTED = 10_001  # rows that a total may cost
_CLEARLY = 2  # so many times as many, by the planner's estimate, need not be counted


def capped_count(rows: QuerySet[Any]) -> int:
    """How many there are, at most `COUNTED`: where the planner expects far more, that is taken for sure."""
    unordered = rows.order_by()
    if _expected(unordered) > _CLEARLY * COUNTED:
        return COUNTED
    return unordered[:COUNTED].count()


def generous_count(rows: QuerySet[Any]) -> int:
    """How many there are, exact below `COUNTED`; beyond it never less than there are.

    The planner's estimate is no bound: of conditions that depend on each other it expects far too little.
    What holds for every filter, and costs nothing: there are no more rows than ids from the table's first on.
    """
    count = capped_count(rows)
    return count if count < COUNTED else max(COUNTED, _ids(rows))


def _ids(rows: QuerySet[Any]) -> int:
    """How many ids there are from the lowest to the highest of the whole table."""
    found = rows.model._default_manager.aggregate(first=Min("pk"), last=Max("pk"))
    return 0 if found["last"] is None else int(found["last"] - found["first"] + 1)


def _expected(rows: QuerySet[Any]) -> int:
    """What the planner thinks; it plans and reads nothing. Where no row can match, Django does not ask it."""
    plans: list[dict[str, Any]] = json.loads(rows.values("pk").explain(format="json") or "[]")
    return sum(each["Plan"]["Plan Rows"] for each in plans)
