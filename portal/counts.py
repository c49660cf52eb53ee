"""Counts that stop where they cost too much and tell too little."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet


def counted(rows: QuerySet[Any], most: int) -> int:
    """How many there are, at most one more than `most`."""
    return rows.order_by()[: most + 1].count()


def shown_count(number: int, most: int) -> str:
    """`99+` where there are more than `most`."""
    return f"{number:,}" if number <= most else f"{most:,}+"
