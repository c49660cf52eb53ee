"""Rows by key within a span of another column, which grows with the key only as a rule."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.db.models import QuerySet

from tests import builders
from workflows.actions import list_marks
from workflows.api import paging
from workflows.api.paging import page_of
from workflows.models import Instance, InstanceRecord
from workflows.search.apply import filter_queryset, order_queryset
from workflows.search.instances import FIELDS
from workflows.search.paging import Page

BEGIN = datetime(2026, 3, 1, tzinfo=UTC)
HOURS = 24 * 30
SPANS = [
    "StartDate -le 2026-03-05",
    "StartDate -lt 2026-03-05",
    "StartDate -ge 2026-03-25",
    "StartDate -eq 2026-03-12",
    "StartDate -eq 2026-03-02T12:00",
    "StartDate -le 2026-03-05T10:30:05Z",
    "StartDate -gt 2026-03-07 AND (StartDate -le 2026-03-19 AND Status -eq Running)",
    "Title -contains test AND StartDate -ge 2026-03-11T13:00Z",
]
OTHERS = ["", "StartDate -ne 2026-03-12", "StartDate -le 2026-03-05 OR StartDate -ge 2026-03-25"]


@pytest.fixture
def starts(db: None) -> dict[int, datetime]:
    """The start of each instance; some began long before those with lower ids."""
    dice = random.Random(7)
    version = builders.publish(builders.noops(3))
    starts = [BEGIN + timedelta(hours=n * HOURS / 200 - dice.choice([0, 0, 0, 300])) for n in range(200)]
    made = Instance.objects.bulk_create(
        Instance(version=version, started_at=start, modified_at=start) for start in starts
    )
    InstanceRecord.objects.bulk_create(
        InstanceRecord(
            instance=each, definition=version.definition, started_at=each.started_at, title="A test"
        )
        for each in made
    )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE workflows_instance; ANALYZE workflows_instancerecord")
    return {each.pk: each.started_at for each in made}


@pytest.fixture
def _indexes_only(db: None) -> None:
    """As with many rows, nothing is sorted and no table read as a whole where there is an index."""
    with connection.cursor() as cursor:
        for name in ("sort", "seqscan", "bitmapscan", "hashjoin", "mergejoin"):
            cursor.execute(f"SET LOCAL enable_{name} = off")


def _found(query: str, direction: int) -> QuerySet[Instance]:
    rows = filter_queryset(Instance.objects.all(), query, FIELDS, me=None, today=BEGIN.date())
    return order_queryset(rows, "ReferenceId", direction, FIELDS, "ReferenceId")


@pytest.mark.usefixtures("_indexes_only")
@pytest.mark.parametrize("direction", [0, 1])
@pytest.mark.parametrize("query", SPANS)
def test_a_span_comes_by_key(starts: dict[int, datetime], query: str, direction: int) -> None:
    rows = _found(query, direction)
    assert "record_by_start_and_id" in rows[:9].explain()
    found = [row.pk for row in rows]
    assert found == sorted(rows.order_by().values_list("pk", flat=True), reverse=bool(direction))
    assert 0 < len(found) < len(starts)


@pytest.mark.parametrize("query", OTHERS)
def test_what_is_no_span_comes_by_the_key_itself(starts: dict[int, datetime], query: str) -> None:
    assert _found(query, 1).query.order_by == ("-pk",)


@pytest.mark.usefixtures("_indexes_only")
@pytest.mark.parametrize("direction", [0, 1])
def test_its_far_pages_have_marks(
    starts: dict[int, datetime], direction: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (list_marks, paging):
        monkeypatch.setattr(module, "FAR", 1)
    rows = _found("StartDate -ge 2026-03-11", direction)
    assert list_marks.fits(rows)
    pages = [page_of(rows, Page(number, 9), ["pk"])[0] for number in range(1, 30)]
    assert [row[0] for page in pages for row in page] == [row.pk for row in rows]


def test_an_instance_of_equal_start_comes_by_key(starts: dict[int, datetime]) -> None:
    InstanceRecord.objects.update(started_at=BEGIN)
    rows = order_queryset(Instance.objects.all(), "StartDate", 1, FIELDS, "ReferenceId")
    assert [row.pk for row in rows] == sorted(starts, reverse=True)
    assert "LEFT OUTER" not in str(rows.query)
