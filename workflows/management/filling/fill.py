"""Fills the tables of instances: plans what each row shall be, then lets the database make them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction
from django.db.models import Max, Model

from workflows.management.filling import scenery, statements
from workflows.management.filling.scenery import APPROVAL, Scenery
from workflows.management.filling.shapes import SHAPES, Shape
from workflows.models import DefinitionVersion, Instance, InstanceRecord, StepRun

BATCH = 20_000  # instances in a transaction
ERAS = 12  # how often the newest version may change over the years; divisible by each number of versions
_COMPLETE = 0.88  # of those that do not wait
# Title and data are put into their indexes at the end: `REINDEX` makes those in seconds and without gaps.
_SESSION = {
    "statement_timeout": "0",
    "synchronous_commit": "off",
    "gin_pending_list_limit": "1GB",
    "maintenance_work_mem": "512MB",
}


@dataclass(frozen=True, slots=True)
class Wanted:
    instances: int
    step_runs: int
    pending: int

    @property
    def steps(self) -> int:
        """Of each version, so that there are at least as many runs: half of them where one has not ended."""
        complete = _COMPLETE * (1 - self.pending / self.instances)
        return max(5, -int(-self.step_runs // (self.instances * (1 + complete) / 2)))


def fill(wanted: Wanted) -> Iterator[int]:
    """Make people, definitions and instances; yields how many instances there are after each batch."""
    with transaction.atomic():
        scene = scenery.make(pending=wanted.pending, steps=wanted.steps)
    with connection.cursor() as cursor:
        for name, value in _SESSION.items():
            cursor.execute(f"SET {name} = '{value}'")
        cursor.execute(statements.TABLES)
        _plan(cursor, scene)
        values = _values(wanted, scene)
        for begin in range(1, wanted.instances + 1, BATCH):
            end = min(begin + BATCH - 1, wanted.instances)
            _fill_batch(cursor, values | {"begin": begin, "end": end})
            yield end
        _finish(cursor)


def _fill_batch(cursor: Any, values: dict[str, Any]) -> None:
    with transaction.atomic():
        cursor.execute("TRUNCATE fill_row")
        for statement in statements.IN_ORDER:
            cursor.execute(statement, values)


def _plan(cursor: Any, scene: Scenery) -> None:
    versions = [(shape, version) for shape, all_ in scene.versions for version in all_]
    cursor.executemany(
        "INSERT INTO fill_plan VALUES (%s, %s, %s, %s, %s, %s, %s, %s)", list(_plan_rows(scene))
    )
    cursor.executemany(
        "INSERT INTO fill_step VALUES (%s, %s, %s, %s, %s, %s, %s)",
        [row for _, version in versions for row in _step_rows(version)],
    )
    cursor.execute("ANALYZE fill_plan; ANALYZE fill_step")


def _plan_rows(scene: Scenery) -> Iterator[tuple[Any, ...]]:
    """Slots 0 to 99 for all, 100 to 199 for those that wait: nothing that needs a certificate request."""
    by_shape = dict(scene.versions)
    everyone = [shape for shape in SHAPES for _ in range(shape.share)]
    waiting = [shape for shape in everyone if not shape.is_asked_for]
    slots = [*everyone, *(waiting[number % len(waiting)] for number in range(100))]
    for slot, shape in enumerate(slots):
        for era in range(ERAS):
            yield (slot, era, *_described(shape, by_shape[shape][era * shape.versions // ERAS]))


def _described(shape: Shape, version: DefinitionVersion) -> tuple[Any, ...]:
    type_ = str(shape.workflow_type)
    return version.pk, version.definition_id, type_, shape.title, shape.text, shape.is_asked_for


def _step_rows(version: DefinitionVersion) -> Iterator[tuple[Any, ...]]:
    for place, step in enumerate(version.steps, start=1):
        signals = step["Signals"] if step["UniqueName"] == APPROVAL else []
        names = (step["UniqueName"], step["DisplayName"], step["ExtensionName"])
        yield version.pk, place, *names, step["Id"], signals[0]["Id"] if signals else None


def _values(wanted: Wanted, scene: Scenery) -> dict[str, Any]:
    return {
        "first": _reserve(Instance, wanted.instances),
        "first_run": _reserve(StepRun, wanted.instances * wanted.steps),
        "count": wanted.instances,
        "pending": wanted.pending,
        "steps": wanted.steps,
        "middle": scenery.place_of_approval(wanted.steps),
        "eras": ERAS,
        "people": [person.pk for person in scene.people],
        "names": [person.account_name for person in scene.people],
        "people_count": len(scene.people),
        "roles": [role.pk for role in scene.roles],
        "role_count": len(scene.roles),
    }


def _reserve(model: type[Model], count: int) -> int:
    """The id before the first of `count` ids that nobody else gets: the product may be running beside this.

    Changing the sequence, to what it is already, keeps all others from asking it until the end.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_get_serial_sequence(%s, 'id')", [model._meta.db_table])
        (sequence,) = cursor.fetchone()
        cursor.execute(f"ALTER SEQUENCE {sequence} CACHE 1")
        cursor.execute("SELECT pg_sequence_last_value(%s::regclass)", [sequence])
        (given,) = cursor.fetchone()
        largest = model._default_manager.aggregate(last=Max("pk"))["last"]
        last: int = max(given or 0, largest or 0)
        cursor.execute(f"ALTER SEQUENCE {sequence} RESTART WITH {last + count + 1}")
    return last


def _finish(cursor: Any) -> None:
    """The planner learns what there is."""
    cursor.execute(statements.DROP)
    cursor.execute(f"REINDEX TABLE {InstanceRecord._meta.db_table}")
    cursor.execute("VACUUM ANALYZE")
    for name in _SESSION:
        cursor.execute(f"RESET {name}")
