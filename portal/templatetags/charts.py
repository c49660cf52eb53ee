"""Charts as SVG; a table with the same numbers belongs beside each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django import template

register = template.Library()

# In units of the drawing; it scales with its container.
COLUMN, GAP, HEIGHT, HEAD, FOOT = 44, 12, 120, 20, 22


@dataclass(frozen=True)
class Bar:
    """One column: its words, its number, the page that lists it, its tone (see `static/app.css`)."""

    label: str
    count: int
    url: str = ""
    tone: str = "accent"


@register.inclusion_tag("components/bar_chart.html")
def bar_chart(bars: Sequence[Bar], title: str) -> dict[str, Any]:
    """Columns for `bars` named `title`."""
    most = max((bar.count for bar in bars), default=0) or 1
    return {
        "title": title,
        "description": ", ".join(f"{bar.label}: {bar.count:,}" for bar in bars),
        "width": len(bars) * (COLUMN + GAP) - GAP,
        "height": HEAD + HEIGHT + FOOT,
        "ground": HEAD + HEIGHT,
        "columns": [_column(bar, number, most) for number, bar in enumerate(bars)],
    }


def _column(bar: Bar, number: int, most: int) -> dict[str, Any]:
    tall = max(round(HEIGHT * bar.count / most), 2 if bar.count else 0)
    left = number * (COLUMN + GAP)
    return {
        "bar": bar,
        "x": left,
        "width": COLUMN,
        "middle": left + COLUMN // 2,
        "y": HEAD + HEIGHT - tall,
        "height": tall,
        "above": HEAD + HEIGHT - tall - 6,
        "below": HEAD + HEIGHT + 16,
    }
