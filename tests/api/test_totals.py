"""Totals of long lists, whose planner guesses wrong: no client that pages by them ever misses a row."""

from __future__ import annotations

import random
from typing import Any

import pytest
from django.db import connection
from django.http import HttpResponse
from django.utils import timezone
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tests import builders
from tests.api.clients import ApiClient
from tests.rounds import rounds
from workflows.models import Instance, InstanceRecord
from workflows.search import counting
from workflows.search.syntax import And, Comparison, Node, Operator, Or, to_text
from workflows.vocabulary.statuses import InstanceStatus
from workflows.vocabulary.workflow_types import WorkflowType

ROWS = 240
CONDITIONS = [
    Comparison("WorkflowType", Operator.EQ, "Enrollment"),
    Comparison("Title", Operator.CONTAINS, "enrolling"),
    Comparison("Title", Operator.STARTSWITH, "Expiring"),
    Comparison("InitiatingUserName", Operator.STARTSWITH, "COUNTERSIGN\\p"),
    Comparison("InitiatingUserName", Operator.EQ, "Timer Service"),
    Comparison("CurrentStepDisplayName", Operator.EQ, "Enroll"),
    Comparison("Status", Operator.EQ, "Complete"),
    Comparison("Status", Operator.NE, "Complete"),
    Comparison("StartDate", Operator.LE, "%TODAY%"),
    Comparison("Data.Kind", Operator.EQ, "enrollment"),
]


@pytest.fixture
def correlated(admin: ApiClient, monkeypatch: pytest.MonkeyPatch) -> ApiClient:
    """Two kinds of instances: the kind says nearly all of the rest, which no planner knows."""
    monkeypatch.setattr(counting, "COUNTED", 20)
    dice = random.Random(4)
    made = builders.publish(builders.noops(3), WorkflowType.Expiration, name="Expirations")
    asked = builders.publish(builders.noops(3), WorkflowType.Enrollment, name="Enrollments")
    for _ in range(ROWS):
        _make(asked if (is_asked := dice.random() < 0.6) else made, is_asked=is_asked, dice=dice)
    Instance.objects.filter(pk__in=Instance.objects.values("pk")[: ROWS // 4]).delete()
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE workflows_instance; ANALYZE workflows_instancerecord")
    return admin


def _make(version: Any, *, is_asked: bool, dice: random.Random) -> None:
    now, status = timezone.now(), InstanceStatus.Complete if is_asked else InstanceStatus.Failed
    instance = Instance.objects.create(
        version=version,
        started_at=now,
        modified_at=now,
        status=status if dice.random() < 0.95 else InstanceStatus.Running,
        step_display_name="Enroll" if is_asked else "Notify",
    )
    InstanceRecord.objects.create(
        instance=instance,
        definition=version.definition,
        started_at=now,
        title=f"{'Enrolling' if is_asked else 'Expiring'} {dice.randrange(9)}",
        initiating_user_name="COUNTERSIGN\\person1" if is_asked else "Timer Service",
        workflow_type=version.definition.workflow_type,
        initial_data={"Kind": "enrollment" if is_asked else "expiration"},
    )


def _joined(parts: st.SearchStrategy[Node]) -> st.SearchStrategy[Node]:
    several = st.lists(parts, min_size=2, max_size=3).map(tuple)
    return several.map(And) | several.map(Or)


filters: st.SearchStrategy[Node | None] = st.none() | st.recursive(
    st.sampled_from(CONDITIONS), _joined, max_leaves=4
)


@settings(
    max_examples=rounds(20, least=10),
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    deadline=None,
)
@given(node=filters, size=st.sampled_from([20, 50, 100]), direction=st.sampled_from([0, 1]))
@example(node=And(tuple(CONDITIONS[:2])), size=30, direction=1)
@example(node=And(tuple(CONDITIONS[:4] + CONDITIONS[5:6])), size=20, direction=0)
def test_every_client_sees_every_row(
    correlated: ApiClient, node: Node | None, size: int, direction: int
) -> None:
    def page(number: int) -> HttpResponse:
        query = to_text(node) if node else ""
        asked = f"SortField=ReferenceId&SortAscending={direction}&ReturnLimit={size}&PageReturned={number}"
        return correlated.get(f"Workflow/Instances?{asked}&QueryString={query}")

    rows = _until_a_page_is_short(page, size)
    total = _total(page(1))
    assert total >= len(rows)
    assert _by_the_first_total(page, size) == rows
    assert _while_the_total_says_more(page) == rows


def _total(answer: HttpResponse) -> int:
    return int(answer.headers["x-total-count"])


def _ids(answer: HttpResponse) -> list[int]:
    assert answer.status_code == 200, answer.content
    return [row["ReferenceId"] for row in answer.json()]


def _until_a_page_is_short(page: Any, size: int) -> list[int]:
    seen: list[int] = []
    for number in range(1, ROWS):
        seen += (found := _ids(page(number)))
        if len(found) < size:
            break
    return seen


def _by_the_first_total(page: Any, size: int) -> list[int]:
    pages = -(-_total(page(1)) // size)
    return [each for number in range(1, pages + 1) for each in _ids(page(number))]


def _while_the_total_says_more(page: Any) -> list[int]:
    seen, number, total = [], 1, 1
    while len(seen) < total and number < ROWS:
        answer = page(number)
        seen, number, total = seen + _ids(answer), number + 1, _total(answer)
    return seen
