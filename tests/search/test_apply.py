from __future__ import annotations

import uuid
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db.models import BooleanField, Q, QuerySet, TextField, Value
from django.db.models.expressions import ExpressionWrapper
from django.db.models.functions import NullIf
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from workflows.errors import InvalidQuery
from workflows.models import StepRun
from workflows.search.apply import filter_queryset, order_queryset
from workflows.search.fields import Field, Fields
from workflows.search.kinds import Boolean, Date, Enum, Guid, Integer, Text
from workflows.search.memory import filter_items, order_items
from workflows.search.syntax import And, Comparison, Node, Operator, Or, to_text
from workflows.vocabulary.statuses import StepRunStatus

pytestmark = pytest.mark.django_db

FIELDS = Fields(
    [
        Field("Name", "step_name"),
        Field("Exact", "step_display_name", Text(ignore_case=False)),
        Field("Note", "note"),
        Field("Attempt", "attempt", Integer()),
        Field("Status", "status", Enum.of(StepRunStatus)),
        Field("Key", "idempotency_key", Guid()),
        Field("Finished", "finished_at", Date()),
        Field("Again", "again", Boolean()),
        Field("Message", "message"),
    ]
)
TODAY = date(2024, 2, 28)
NOON = datetime(2024, 2, 28, 12, tzinfo=UTC)
KEYS = [uuid.UUID(int=number) for number in range(3)]
ROWS: list[dict[str, Any]] = [
    {"step_name": "Approve", "message": "", "attempt": 1, "status": StepRunStatus.Waiting},
    {"step_name": "approve", "message": "50 % done", "attempt": 2, "status": StepRunStatus.Done,
     "finished_at": NOON},
    {"step_name": "Enroll", "message": "50_done", "attempt": 1, "status": StepRunStatus.Failed,
     "finished_at": NOON},
    {"step_name": "enroll 2", "message": "C:\\certs\\", "attempt": 3, "status": StepRunStatus.Done,
     "finished_at": NOON - timedelta(days=1), "idempotency_key": KEYS[0]},
    {"step_name": 'Say "hi"', "message": "null", "attempt": 1, "status": StepRunStatus.Lost,
     "finished_at": datetime(2024, 2, 28, 23, 59, 59, 999_999, tzinfo=UTC), "idempotency_key": KEYS[1]},
    {"step_name": "", "message": "Approve", "attempt": 32767, "status": StepRunStatus.Running,
     "finished_at": datetime(9999, 12, 31, 23, tzinfo=UTC)},
    {"step_name": "B", "message": "b", "attempt": 2, "status": StepRunStatus.Skipped,
     "finished_at": datetime(1900, 1, 1, tzinfo=UTC)},
]  # fmt: skip


@pytest.fixture
def rows() -> QuerySet[StepRun]:
    """Rows of a table without foreign keys; `note` is the message, null for none, `again` a later attempt."""
    StepRun.objects.bulk_create(
        StepRun(instance_id=1, started_at=NOON, step_display_name=row["step_name"], **row) for row in ROWS
    )
    return StepRun.objects.annotate(
        note=NullIf("message", Value(""), output_field=TextField()),
        again=ExpressionWrapper(Q(attempt__gt=1), output_field=BooleanField()),
    )


def names(rows: QuerySet[StepRun], query: str) -> list[str]:
    found = filter_queryset(rows, query, FIELDS, me="COUNTERSIGN\\b", today=TODAY)
    return [row.step_name for row in found.order_by("id")]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", ["Approve", "approve", "Enroll", "enroll 2", 'Say "hi"', "", "B"]),
        ("name -eq APPROVE", ["Approve", "approve"]),
        ("Exact -eq Approve", ["Approve"]),
        ("Name -contains oll", ["Enroll", "enroll 2"]),
        ("Name -startswith enroll AND Name -endswith 2", ["enroll 2"]),
        ('Name -eq "say ""HI"""', ['Say "hi"']),
        ('Note -contains "%"', ["approve"]),
        ("Note -contains _", ["Enroll"]),
        ("Note -endswith certs\\", ["enroll 2"]),
        ('Note -eq "NULL"', ['Say "hi"']),
        ("Note -eq NULL", ["Approve"]),
        ("Message -eq NULL", ["Approve"]),
        ('Message -eq ""', ["Approve"]),
        ("Message -ne NULL AND Attempt -eq 2", ["approve", "B"]),
        ("Note -ne approve AND Attempt -le 2", ["Approve", "approve", "Enroll", 'Say "hi"', "B"]),
        ("Note -notcontains done AND Attempt -eq 1", ["Approve", 'Say "hi"']),
        ("Name -eq %ME-AN%", ["B"]),
        ("Attempt -gt 2", ["enroll 2", ""]),
        ("Attempt -ge 99999999999", []),
        ("Attempt -lt 9223372036854775807 AND Attempt -ne 1 AND Status -eq Done", ["approve", "enroll 2"]),
        ("Status -eq done OR Status -eq 8", ["approve", "enroll 2", 'Say "hi"']),
        ("Status -contains ai", ["Approve", "Enroll"]),
        ("Status -notcontains i AND Status -ne Lost", ["approve", "enroll 2"]),
        (f"Key -eq {KEYS[0]}", ["enroll 2"]),
        (f"Key -ne {KEYS[0]} AND Name -contains e", ["Approve", "approve", "Enroll"]),
        ("Key -ne NULL", ["enroll 2", 'Say "hi"']),
        ("Finished -eq %TODAY%", ["approve", "Enroll", 'Say "hi"']),
        ("Finished -gt %TODAY-1% AND Finished -le 2024-02-28", ["approve", "Enroll", 'Say "hi"']),
        ("Finished -eq 2024-02-28T13:00:00+01:00", ["approve", "Enroll"]),
        ('Finished -eq "2024-02-28 23:59"', ['Say "hi"']),
        ("Finished -eq 2024-02-28T23:59:59Z", ['Say "hi"']),
        ("Finished -eq 2024-02-28T23:59:59.99Z", ['Say "hi"']),
        ("Finished -eq 2024-02-28T23:59:59.999998Z", []),
        ("Finished -ge 2024-02-28T23:59 AND Finished -le 2024-02-28T23:59", ['Say "hi"']),
        ("Finished -gt 2024-02-28T23:59 OR Finished -lt 2024-02-28T12:00", ["enroll 2", "", "B"]),
        ("Finished -ne 2024-02-28T23:59:59", ["Approve", "approve", "Enroll", "enroll 2", "", "B"]),
        ("Finished -ne %TODAY%", ["Approve", "enroll 2", "", "B"]),
        ("Finished -ge 9999-12-31", [""]),
        ("Finished -gt 9999-12-31", []),
        ("Finished -le 1900-01-01", ["B"]),
        ("Finished -lt 1900-01-01", []),
        ("Again -eq false", ["Approve", "Enroll", 'Say "hi"']),
        ("(Name -eq B OR Attempt -eq 3) AND Again -eq true", ["enroll 2", "B"]),
    ],
)
def test_rows_are_found(rows: QuerySet[StepRun], query: str, found: list[str]) -> None:
    assert names(rows, query) == found


@pytest.mark.parametrize(
    "query", ["Nonsense -eq 1", "Attempt -eq x", "Name -gt 1", "Name -eq", "Name -eq \0"]
)
def test_a_wrong_query_asks_the_database_nothing(rows: QuerySet[StepRun], query: str) -> None:
    with pytest.raises(InvalidQuery, match="at character"):
        filter_queryset(rows, query, FIELDS, me=None, today=TODAY)


class TestOrder:
    def ordered(self, rows: QuerySet[StepRun], field: str | None, direction: Any) -> list[str]:
        return [row.step_name for row in order_queryset(rows, field, direction, FIELDS, "Name")]

    def test_texts_without_case_and_equal_ones_by_key(self, rows: QuerySet[StepRun]) -> None:
        expected = ["", "Approve", "approve", "B", "Enroll", "enroll 2", 'Say "hi"']
        assert self.ordered(rows, None, None) == expected
        assert self.ordered(rows, "", "0") == expected
        assert self.ordered(rows, "NAME", "1") == expected[::-1]

    def test_other_kinds_by_value(self, rows: QuerySet[StepRun]) -> None:
        expected = ["Approve", "Enroll", 'Say "hi"', "approve", "B", "enroll 2", ""]
        assert self.ordered(rows, "Attempt", 0) == expected
        assert self.ordered(rows, "Attempt", 1) == expected[::-1]

    def test_texts_with_case_where_the_field_says_so(self, rows: QuerySet[StepRun]) -> None:
        assert self.ordered(rows, "Exact", 0)[:3] == ["", "Approve", "B"]

    def test_a_field_or_direction_that_is_none_is_refused(self, rows: QuerySet[StepRun]) -> None:
        with pytest.raises(InvalidQuery, match="cannot be sorted by 'id; drop'"):
            self.ordered(rows, "id; drop", 0)
        with pytest.raises(InvalidQuery, match="SortAscending"):
            self.ordered(rows, "Name", 5)


KINDS: dict[str, tuple[list[Operator], list[str | None]]] = {
    "Name": ([Operator.EQ, Operator.NE], ["approve", "B", "", "%ME-AN%", None]),
    "Note": ([Operator.CONTAINS, Operator.NOTCONTAINS, Operator.STARTSWITH, Operator.ENDSWITH],
             ["5", "%", "_", "\\", "done", "", "A"]),
    "Attempt": ([Operator.EQ, Operator.NE, Operator.GT, Operator.LE], ["1", "2", "-5", "99999"]),
    "Status": ([Operator.EQ, Operator.NE, Operator.GE, Operator.LT], ["Done", "8", "Lost"]),
    "Key": ([Operator.EQ, Operator.NE], [None, str(KEYS[0]), str(KEYS[2])]),
    "Finished": ([Operator.EQ, Operator.NE, Operator.GT, Operator.GE, Operator.LT, Operator.LE],
                 ["%TODAY%", "%TODAY-1%", "9999-12-31", "1900-01-01", "2024-02-28T12:00",
                  "2024-02-28T23:59", "2024-02-28T23:59:59Z", "2024-02-28T23:59:59.999Z"]),
    "Again": ([Operator.EQ, Operator.NE], ["true", "false"]),
}  # fmt: skip


@st.composite
def comparisons(draw: st.DrawFn) -> Comparison:
    name = draw(st.sampled_from(list(KINDS)))
    operators, values = KINDS[name]
    return Comparison(name, draw(st.sampled_from(operators)), draw(st.sampled_from(values)))


def joined(parts: st.SearchStrategy[Node]) -> st.SearchStrategy[Node]:
    several = st.lists(parts, min_size=2, max_size=3).map(tuple)
    return several.map(And) | several.map(Or)


@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(node=st.recursive(comparisons(), joined, max_leaves=6))
def test_tables_and_memory_agree(rows: QuerySet[StepRun], node: Node) -> None:
    query = to_text(node)
    found = filter_queryset(rows, query, FIELDS, me="COUNTERSIGN\\b", today=TODAY)
    kept = filter_items(list(rows), query, FIELDS, me="COUNTERSIGN\\b", today=TODAY)
    assert {row.pk for row in found} == {row.pk for row in kept}


@pytest.mark.parametrize("field", list(KINDS))
@pytest.mark.parametrize("direction", [0, 1])
def test_they_sort_alike(rows: QuerySet[StepRun], field: str, direction: int) -> None:
    key = FIELDS.sortable(field).lookup

    def values(found: Any) -> list[Any]:
        return [value.lower() if isinstance(value := getattr(row, key), str) else value for row in found]

    in_table = order_queryset(rows, field, direction, FIELDS, "Name")
    assert values(in_table) == values(order_items(list(rows), field, direction, FIELDS, "Name"))
