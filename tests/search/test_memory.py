from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import pytest

from workflows.errors import InvalidQuery
from workflows.search.fields import Field, Fields
from workflows.search.memory import filter_items, order_items

FIELDS = Fields([Field("Name", "name"), Field("Types", "types")])
TODAY = date(2024, 2, 28)


@dataclass
class Item:
    name: str | None
    types: frozenset[str] | None = None


ITEMS = [Item("b", frozenset({"Enrollment", "Revocation"})), Item("A"), Item(None, frozenset()), Item("a")]


def found(query: str) -> list[str | None]:
    return [item.name for item in filter_items(ITEMS, query, FIELDS, me=None, today=TODAY)]


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("", ["b", "A", None, "a"]),
        ("Name -eq a", ["A", "a"]),
        ("Name -ne a", ["b", None]),
        ("Name -eq NULL", [None]),
        ("Types -eq enrollment", ["b"]),
        ("Types -contains roll AND Types -contains revo", ["b"]),
        ("Types -notcontains roll", ["A", None, "a"]),
        ("Types -ne NULL", ["b"]),
    ],
)
def test_items_are_found_by_attribute(query: str, names: list[str | None]) -> None:
    assert found(query) == names


def test_and_by_key() -> None:
    items = [{"name": "x", "types": ["Enrollment"]}, {"name": "y", "types": []}]
    assert filter_items(items, "Types -eq Enrollment", FIELDS, me=None, today=TODAY) == items[:1]


@pytest.mark.parametrize("query", ["Name -eq a OR Gone -eq 1", "Gone -eq 1"])
def test_a_wrong_query_is_refused_whatever_the_items(query: str) -> None:
    for items in (ITEMS, []):
        with pytest.raises(InvalidQuery, match="there is no field 'Gone'"):
            filter_items(items, query, FIELDS, me=None, today=TODAY)


def test_equal_items_keep_their_order() -> None:
    assert [item.name for item in order_items(ITEMS, None, None, FIELDS, "Name")] == ["A", "a", "b", None]
    assert [item.name for item in order_items(ITEMS, "name", 1, FIELDS, "Name")] == [None, "b", "A", "a"]
