"""Storing what a turn did: one statement for all instances, one for all new history rows.

Row-by-row `save()` costs ten times as much; this is the hottest place of the product (performance.md).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from django.db import connection

from workflows.engine import awaiting
from workflows.engine.expressions.values import storable
from workflows.engine.queue import Queue
from workflows.engine.states import Run, State

CHANNEL = "countersign_instances"

_UPDATE = """
    UPDATE workflows_instance AS i SET
        status = v.status, status_message = v.message, queue = v.queue, ready_at = v.ready_at,
        step_name = v.step_name, step_display_name = v.step_display_name, step_guid = v.step_guid,
        attempt = v.attempt, run_id = v.run_id, data = COALESCE(v.data, i.data),
        was_stopped = v.was_stopped, modified_at = %s
    FROM unnest(
        %s::bigint[], %s::smallint[], %s::text[], %s::text[], %s::timestamptz[], %s::text[],
        %s::text[], %s::uuid[], %s::smallint[], %s::bigint[], %s::jsonb[], %s::boolean[]
    ) AS v(
        id, status, message, queue, ready_at, step_name,
        step_display_name, step_guid, attempt, run_id, data, was_stopped
    )
    WHERE i.id = v.id
"""

_RUN_COLUMNS = """instance_id, step_name, step_display_name, extension, attempt, status, output, message,
    changes, conditions, idempotency_key, content_digest, started_at, finished_at"""

_RUN_ARRAYS = """%s::bigint[], %s::text[], %s::text[], %s::text[], %s::smallint[], %s::smallint[], %s::text[],
    %s::text[], %s::jsonb[], %s::jsonb[], %s::uuid[], %s::text[], %s::timestamptz[], %s::timestamptz[]"""

# Both are made of the constants above alone.
_INSERT_RUNS = f"INSERT INTO workflows_steprun ({_RUN_COLUMNS}) SELECT * FROM unnest({_RUN_ARRAYS})"  # noqa: S608
_INSERT_RUNS_WITH_IDS = _INSERT_RUNS.replace("(instance_id", "(id, instance_id").replace(
    "unnest(", "unnest(%s::bigint[], "
)

_NEXT_IDS = "SELECT nextval(pg_get_serial_sequence('workflows_steprun', 'id')) FROM generate_series(1, %s)"

_SETTLE_RUNS = """
    UPDATE workflows_steprun AS r SET
        status = v.status, output = v.output, message = v.message, changes = v.changes, finished_at = %s
    FROM unnest(%s::bigint[], %s::smallint[], %s::text[], %s::text[], %s::jsonb[])
        AS v(id, status, output, message, changes)
    WHERE r.id = v.id
"""

_ADD_PENDING = """
    INSERT INTO workflows_pendingsignal
        (instance_id, step_name, signal_name, signal_guid, role_id, allows_self)
    SELECT v.* FROM unnest(%s::bigint[], %s::text[], %s::text[], %s::uuid[], %s::bigint[], %s::boolean[])
        AS v(instance_id, step_name, signal_name, signal_guid, role_id, allows_self)
    ON CONFLICT DO NOTHING
"""

_DROP_PENDING = "DELETE FROM workflows_pendingsignal WHERE instance_id = ANY(%s)"
_DROP_STOPS = "DELETE FROM workflows_stoprequest WHERE instance_id = ANY(%s)"


def write(states: Sequence[State], now: datetime) -> None:
    """Store every state that moved, with its history and the signals it begins or ceases to wait for."""
    moved = [state for state in states if state.moved]
    if not moved:
        return
    with connection.cursor() as cursor:
        _write_runs(cursor, moved, now)
        _write_instances(cursor, moved, now)
        _write_pending(cursor, moved)
        _drop_stops(cursor, moved)
        _announce(cursor, moved)
    if ended := [state.id for state in moved if state.is_finished]:
        awaiting.wake(ended, now)


def _write_runs(cursor: Any, states: Sequence[State], now: datetime) -> None:
    new = [(state, run) for state in states for run in state.runs if run.is_new]
    old = [run for state in states for run in state.runs if not run.is_new]
    if new:
        arrays = _run_arrays(new, now)
        # Ids in order are taken only where the instance must know the id of the run it waits in.
        if any(state.waiting for state in states):
            cursor.execute(_NEXT_IDS, (len(new),))
            ids = sorted(row[0] for row in cursor.fetchall())
            for id_, (_, run) in zip(ids, new, strict=True):
                run.id = id_
            cursor.execute(_INSERT_RUNS_WITH_IDS, (ids, *arrays))
        else:
            cursor.execute(_INSERT_RUNS, arrays)
    if old:
        cursor.execute(_SETTLE_RUNS, (now, *_settled_arrays(old)))


def _run_arrays(pairs: Sequence[tuple[State, Run]], now: datetime) -> tuple[list[Any], ...]:
    runs = [run for _, run in pairs]
    return (
        [state.id for state, _ in pairs],
        [run.step.unique_name for run in runs],
        [run.step.display_name for run in runs],
        [run.step.type.extension_name for run in runs],
        [run.attempt for run in runs],
        [int(run.status) for run in runs],
        [run.output for run in runs],
        [storable(run.message) for run in runs],
        [_json(run.changes) for run in runs],
        [_json(run.conditions) for run in runs],
        [run.idempotency_key for run in runs],
        [run.content_digest for run in runs],
        [now for _ in runs],
        [now if run.finished else None for run in runs],
    )


def _settled_arrays(runs: Sequence[Run]) -> tuple[list[Any], ...]:
    return (
        [run.id for run in runs],
        [int(run.status) for run in runs],
        [run.output for run in runs],
        [storable(run.message) for run in runs],
        [_json(run.changes) for run in runs],
    )


def _write_instances(cursor: Any, states: Sequence[State], now: datetime) -> None:
    for state in states:
        if state.waiting is not None:
            state.run_id = state.waiting.id
    steps = [state.step for state in states]
    cursor.execute(
        _UPDATE,
        (
            now,
            [state.id for state in states],
            [int(state.status) for state in states],
            [storable(state.message) for state in states],
            [state.queue for state in states],
            [state.ready_at for state in states],
            [state.step_name for state in states],
            [step.display_name if step else "" for step in steps],
            [step.guid if step else None for step in steps],
            [state.attempt for state in states],
            [state.run_id for state in states],
            [json.dumps(state.data) if state.data_changed else None for state in states],
            [state.was_stopped for state in states],
        ),
    )


def _write_pending(cursor: Any, states: Sequence[State]) -> None:
    done = [state.id for state in states if state.stops_waiting]
    if done:
        cursor.execute(_DROP_PENDING, (done,))
    rows = [row for state in states for row in _pending_rows(state)]
    if rows:
        cursor.execute(_ADD_PENDING, tuple(list(column) for column in zip(*rows, strict=True)))


def _pending_rows(state: State) -> Iterable[tuple[Any, ...]]:
    run = state.waiting
    if run is None or state.intent is not None:
        return
    for signal in run.step.signals:
        for role_id in state.wait_role_ids:
            yield state.id, run.step.unique_name, signal.name, signal.guid, role_id, state.wait_allows_self


def _drop_stops(cursor: Any, states: Sequence[State]) -> None:
    stopped = [state.id for state in states if state.stopped_by is not None]
    if stopped:
        cursor.execute(_DROP_STOPS, (stopped,))


def _announce(cursor: Any, states: Sequence[State]) -> None:
    """Tell the web processes which instances moved; nobody watches the bulk queue live."""
    ids = [str(state.id) for state in states if state.queue != Queue.BULK]
    if ids:
        cursor.execute("SELECT pg_notify(%s, %s)", (CHANNEL, ",".join(ids)))


def _json(value: Any) -> str | None:
    return json.dumps(value) if value is not None else None
