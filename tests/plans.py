"""How many rows PostgreSQL reads for what is asked of a page or of an operation."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

from django.db import connection
from django.test.utils import CaptureQueriesContext


def most_rows(ask: Callable[[], Any]) -> int:
    """How many rows the busiest node of all plans reads when this is asked."""
    with CaptureQueriesContext(connection) as captured:
        answer = ask()
    assert answer.status_code == 200, answer.content
    statements = [each["sql"] for each in captured if each["sql"].lstrip().startswith(("SELECT", "("))]
    return max(max(_rows_of(plan) for plan in _nodes(_plan(sql))) for sql in statements)


def _plan(sql: str) -> dict[str, Any]:
    with connection.cursor() as cursor:
        cursor.execute("SET max_parallel_workers_per_gather = 0")
        cursor.execute("EXPLAIN (ANALYZE, FORMAT JSON) " + sql.replace("%", "%%"))
        (document,) = cursor.fetchone()
    plans = json.loads(document) if isinstance(document, str) else document
    return plans[0]["Plan"]


def _nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for each in plan.get("Plans", ()):
        yield from _nodes(each)


def _rows_of(node: dict[str, Any]) -> int:
    """What it hands on and what it throws away."""
    per_loop = node["Actual Rows"] + sum(value for name, value in node.items() if "Rows Removed" in name)
    return int(per_loop * node["Actual Loops"])
