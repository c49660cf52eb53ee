from __future__ import annotations

import enum
import uuid
from datetime import UTC, date, datetime
from typing import Any

import pytest

from workflows.errors import InvalidQuery
from workflows.search.fields import Field, Fields
from workflows.search.grammar import parse
from workflows.search.kinds import Boolean, Context, Date, Enum, Guid, Integer, Text
from workflows.search.syntax import Comparison


class Status(enum.IntEnum):
    Unknown = 0
    Running = 1
    CanceledForRestart = 6


FIELDS = Fields(
    [
        Field("Title", "record__title"),
        Field("Thumbprint", "thumbprint", Text(ignore_case=False)),
        Field("ReferenceId", "id", Integer()),
        Field("StartDate", "started_at", Date()),
        Field("IsPublished", "is_published", Boolean()),
        Field("Id", "guid", Guid()),
        Field("Status", "status", Enum.of(Status)),
        Field("CurrentStep", "step_name", searchable=False),
        Field("Types", "types", sortable=False),
    ]
)
CONTEXT = Context(me="COUNTERSIGN\\ann", today=date(2024, 2, 28))
GUID = "0f8fad5b-d9cb-469f-a165-70867728950e"


def demand(query: str) -> tuple[str, dict[str, Any], bool]:
    comparison = parse(query)
    assert isinstance(comparison, Comparison)
    found = FIELDS.demand(comparison, CONTEXT)
    return found.lookup, dict(found.matches), found.negated


@pytest.mark.parametrize(
    ("query", "lookup", "matches", "negated"),
    [
        ("title -eq x", "record__title", {"iexact": "x"}, False),
        ("TITLE -ne x", "record__title", {"iexact": "x"}, True),
        ("Title -contains x", "record__title", {"icontains": "x"}, False),
        ("Title -notcontains x", "record__title", {"icontains": "x"}, True),
        ("Title -startswith x", "record__title", {"istartswith": "x"}, False),
        ("Title -endswith x", "record__title", {"iendswith": "x"}, False),
        ("Title -eq %me%", "record__title", {"iexact": "COUNTERSIGN\\ann"}, False),
        ("Title -eq %ME-AN%", "record__title", {"iexact": "ann"}, False),
        ("Title -eq %TODAY%", "record__title", {"iexact": "%TODAY%"}, False),
        ("Title -eq NULL", "record__title", {}, False),
        ("Title -ne NULL", "record__title", {}, True),
        ("Thumbprint -eq Ab", "thumbprint", {"exact": "Ab"}, False),
        ("Thumbprint -contains Ab", "thumbprint", {"contains": "Ab"}, False),
        ("ReferenceId -eq +5", "id", {"exact": 5}, False),
        ("ReferenceId -gt -9223372036854775807", "id", {"gt": -(2**63) + 1}, False),
        ("ReferenceId -le 5", "id", {"lte": 5}, False),
        ("StartDate -eq 2024-01-01T10:00Z", "started_at", {
            "gte": datetime(2024, 1, 1, 10, tzinfo=UTC),
            "lte": datetime(2024, 1, 1, 10, 0, 59, 999_999, tzinfo=UTC)}, False),
        ("StartDate -lt %TODAY%", "started_at", {"lt": datetime(2024, 2, 28, tzinfo=UTC)}, False),
        ("StartDate -ge %TODAY%", "started_at", {"gte": datetime(2024, 2, 28, tzinfo=UTC)}, False),
        ("StartDate -le 9999-12-31", "started_at", {"lte": datetime.max.replace(tzinfo=UTC)}, False),
        ("StartDate -gt 9999-12-31", "started_at", {"gt": datetime.max.replace(tzinfo=UTC)}, False),
        ("IsPublished -eq TRUE", "is_published", {"exact": True}, False),
        ("IsPublished -ne 0", "is_published", {"exact": False}, True),
        (f"Id -eq {GUID}", "guid", {"exact": uuid.UUID(GUID)}, False),
        (f"Id -eq {{{GUID.upper()}}}", "guid", {"exact": uuid.UUID(GUID)}, False),
        (f"Id -ne {GUID.replace('-', '')}", "guid", {"exact": uuid.UUID(GUID)}, True),
        ("Status -eq 6", "status", {"exact": 6}, False),
        ("Status -eq canceledforrestart", "status", {"exact": 6}, False),
        ("Status -ge Running", "status", {"gte": 1}, False),
        ("Status -contains UN", "status", {"in": [0, 1]}, False),
        ("Status -notcontains xyz", "status", {"in": []}, True),
        ("Status -endswith restart", "status", {"in": [6]}, False),
    ],
)  # fmt: skip
def test_what_a_comparison_demands(query: str, lookup: str, matches: dict[str, Any], negated: bool) -> None:
    assert demand(query) == (lookup, matches, negated)


@pytest.mark.parametrize(
    ("query", "character", "problem"),
    [
        ("Nonsense -eq 1", 1, "there is no field 'Nonsense'; there are Title, Thumbprint, ReferenceId"),
        ("CurrentStep -eq 1", 1, "there is no field 'CurrentStep'"),
        (
            "Title -gt 5",
            7,
            "Title cannot be compared by -gt; it takes -eq, -ne, -contains, -notc",
        ),
        ("ReferenceId -notcontains 5", 13, "by -notcontains; it takes -eq, -ne, -gt, -ge, -lt, -le\\."),
        ("Id -startswith 5", 4, "it takes -eq, -ne\\."),
        ("IsPublished -lt 1", 13, "cannot be compared"),
        ("ReferenceId -eq 1_000", 17, "ReferenceId: expected a whole number"),
        ("ReferenceId -eq 9223372036854775808", 17, "whole number"),
        ("ReferenceId -eq 5.0", 17, "whole number"),
        ("ReferenceId -eq %ME%", 17, "whole number"),
        ("StartDate -eq yesterday", 15, "expected a date like"),
        ("StartDate -eq 1899-12-31", 15, "between the years 1900 and 9999"),
        ("IsPublished -eq maybe", 17, "expected true or false"),
        ("Id -eq 17", 8, "expected a GUID"),
        ("Status -eq 9", 12, "expected one of Unknown, Running, CanceledForRestart, or its number"),
        ("Status -eq Run", 12, "expected one of"),
    ],
)
def test_what_cannot_be_asked_is_pointed_at(query: str, character: int, problem: str) -> None:
    with pytest.raises(InvalidQuery, match=rf"at character {character}: .*{problem}"):
        demand(query)


def test_me_needs_a_caller() -> None:
    comparison = parse("Title -eq %ME%")
    assert isinstance(comparison, Comparison)
    with pytest.raises(InvalidQuery, match="needs a caller"):
        FIELDS.demand(comparison, Context(me=None, today=CONTEXT.today))


def test_sorting_has_its_own_fields() -> None:
    assert FIELDS.sortable(" currentstep ").lookup == "step_name"
    for name in ("Types", "Nonsense"):
        with pytest.raises(InvalidQuery, match=f"cannot be sorted by '{name}'; it can by Title"):
            FIELDS.sortable(name)
