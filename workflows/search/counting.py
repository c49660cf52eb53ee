"""How many rows a list has, without reading more of them than a person would page through."""

from __future__ import annotations

import json
from typing import Any

from django.db.models import Max, QuerySet

COUNTED = 10_001  # rows that a total may cost
_CLEARLY = 2  # so many times as many, by the planner's estimate, need not be counted
_GENEROUS = 2  # who plans his pages by a total must rather ask for empty ones than miss full ones


def capped_count(rows: QuerySet[Any]) -> int:
    """How many there are, at most `COUNTED`: where the planner expects far more, that is taken for sure."""
    unordered = rows.order_by()
    if _expected(unordered) > _CLEARLY * COUNTED:
        return COUNTED
    return unordered[:COUNTED].count()


def generous_count(rows: QuerySet[Any]) -> int:
    """How many there are, exact below `COUNTED`; beyond it as many as there may well be.

    That is twice what the planner expects, which errs where conditions depend on each other, but no more than
    the ids that were ever given.
    """
    count = capped_count(rows)
    if count < COUNTED:
        return count
    given: int = rows.model._default_manager.aggregate(last=Max("pk"))["last"] or 0
    return max(COUNTED, min(_GENEROUS * _expected(rows.order_by()), given))


def _expected(rows: QuerySet[Any]) -> int:
    """What the planner thinks; it plans and reads nothing. Where no row can match, Django does not ask it."""
    plans: list[dict[str, Any]] = json.loads(rows.values("pk").explain(format="json") or "[]")
    return sum(each["Plan"]["Plan Rows"] for each in plans)
