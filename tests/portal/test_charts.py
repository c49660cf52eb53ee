"""Columns of charts."""

from __future__ import annotations

from portal.templatetags.charts import Bar, bar_chart


def test_a_chart_without_numbers_is_drawn() -> None:
    chart = bar_chart([Bar("week", 0), Bar("month", 0)], "Expiry")
    assert [column["height"] for column in chart["columns"]] == [0, 0]


def test_a_small_number_beside_a_great_one_is_still_seen() -> None:
    chart = bar_chart([Bar("week", 1), Bar("month", 100_000)], "Expiry")
    assert [column["height"] for column in chart["columns"]] == [2, 120]
