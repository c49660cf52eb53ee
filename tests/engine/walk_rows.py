"""How the instances of a walk stand, by one query for each table: this is asked after every step of it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from django.db.models import QuerySet

from tests.engine.walk_model import Standing, Status
from workflows.models import Instance, PendingSignal, SignalDecision, StepRun
from workflows.vocabulary.statuses import StepRunStatus

_COLUMNS = (
    *("pk", "status", "step_name", "ready_at"),
    *("version__number", "was_stopped", "record__restarted_from_id"),
)


def standings() -> dict[int, Standing]:
    """Of all instances that there are, by their ids."""
    answers = _by_instance(SignalDecision.objects.order_by("user__username", "step_name"), "user__username")
    asks = _by_instance(PendingSignal.objects.order_by("pk"))
    runs = _by_instance(StepRun.objects.order_by("pk"), "status")
    return {
        id_: Standing(
            *(Status(status), step, ready_at is not None),
            *rest,
            answers=[(name, at) for at, name in answers[id_]],
            asks_at=[at for (at,) in asks[id_]],
            history=[(at, StepRunStatus(each)) for at, each in runs[id_]],
        )
        for id_, status, step, ready_at, *rest in Instance.objects.values_list(*_COLUMNS)
    }


def _by_instance(rows: QuerySet[Any], *columns: str) -> dict[int, list[tuple[Any, ...]]]:
    """The step of each row, and more of its columns."""
    found: dict[int, list[tuple[Any, ...]]] = defaultdict(list)
    read: Iterable[tuple[Any, ...]] = rows.values_list("instance_id", "step_name", *columns)
    for id_, *values in read:
        found[id_].append(tuple(values))
    return found
