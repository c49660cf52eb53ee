"""Storing what a turn did: one statement for all instances, one for all new history rows.

Row-by-row `save()` costs ten times as much; this is the hottest place of the product (performance.md).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from workflows.engine import awaiting, telling, wishes
from workflows.engine.expressions.values import storable
from workflows.engine.queue import Queue
from workflows.engine.states import Run, State
from workflows.models import sql
from workflows.vocabulary.statuses import InstanceStatus

CHANNEL = "countersign_instances"

# One statement, because each costs an answer of the server: the rows, the notice to whoever watches, whether
# others wait for the end of these instances, and whether anybody wants to be told of changes.
_UPDATE = """
    WITH moved AS (
        UPDATE workflows_instance AS i SET
            status = v.status, status_message = v.message, queue = v.queue, ready_at = v.ready_at,
            step_name = v.step_name, step_display_name = v.step_display_name, step_guid = v.step_guid,
            attempt = v.attempt, run_id = v.run_id, data = COALESCE(v.data, i.data),
            was_stopped = v.was_stopped, modified_at = %s
        FROM unnest(
            %b::bigint[], %b::smallint[], %b::text[], %b::text[], %b::text[], %b::text[],
            %b::smallint[], %b::boolean[], %b::uuid[], %b::timestamptz[], %b::bigint[], %b::jsonb[]
        ) AS v(
            id, status, message, queue, step_name, step_display_name,
            attempt, was_stopped, step_guid, ready_at, run_id, data
        )
        WHERE i.id = v.id
    )
    SELECT CASE WHEN %s <> '' THEN pg_notify(%s, %s) END,
        EXISTS (SELECT FROM workflows_awaitedinstance WHERE instance_id = ANY(%b::bigint[])),
        EXISTS (SELECT FROM workflows_subscription WHERE enabled)
"""

# Arrays of different lengths are filled up with NULL, so a column of NULLs is an empty array.
_INSERT_RUNS = """
    INSERT INTO workflows_steprun (id, instance_id, step_name, step_display_name, extension, attempt, status,
        output, message, content_digest, changes, conditions, idempotency_key, role_ids,
        started_at, finished_at)
    SELECT COALESCE(v.id, nextval('workflows_steprun_id_seq')), instance_id, step_name, step_display_name,
        extension, attempt, status, output, message, content_digest, changes, conditions, idempotency_key,
        role_ids::bigint[], %s, CASE WHEN is_finished THEN %s END
    FROM unnest(
        %b::bigint[], %b::bigint[], %b::text[], %b::text[], %b::text[], %b::smallint[], %b::smallint[],
        %b::text[], %b::text[], %b::text[], %b::boolean[], %b::jsonb[], %b::jsonb[], %b::uuid[], %b::text[]
    ) AS v(
        id, instance_id, step_name, step_display_name, extension, attempt, status,
        output, message, content_digest, is_finished, changes, conditions, idempotency_key, role_ids
    )
"""

_NEXT_IDS = "SELECT nextval('workflows_steprun_id_seq') FROM generate_series(1, %s)"

_SETTLE_RUNS = """
    UPDATE workflows_steprun AS r SET
        status = v.status, output = v.output, message = v.message, changes = v.changes, finished_at = %s
    FROM unnest(%b::bigint[], %b::smallint[], %b::text[], %b::text[], %b::jsonb[])
        AS v(id, status, output, message, changes)
    WHERE r.id = v.id
"""

_ADD_PENDING = """
    INSERT INTO workflows_pendingsignal
        (instance_id, step_name, signal_name, signal_guid, role_id, excluded_ids)
    SELECT instance_id, step_name, signal_name, signal_guid, role_id,
        CASE WHEN allows_self THEN '{}' ELSE array_remove(ARRAY[initiator_id, r.restarted_by_id], NULL) END
    FROM unnest(
        %b::bigint[], %b::text[], %b::text[], %b::uuid[], %b::bigint[], %b::boolean[], %b::bigint[]
    ) AS v(instance_id, step_name, signal_name, signal_guid, role_id, allows_self, initiator_id)
    JOIN workflows_instancerecord AS r USING (instance_id)
    ON CONFLICT DO NOTHING
"""

_DROP_PENDING = "DELETE FROM workflows_pendingsignal WHERE instance_id = ANY(%b::bigint[])"


def write(states: Sequence[State], now: datetime) -> None:
    """Store every state that moved, with its history and the signals it begins or ceases to wait for."""
    moved = [state for state in states if state.moved]
    if not moved:
        return
    _write_runs(moved, now)
    is_told = _write_instances(moved, now)
    _write_pending(moved)
    wishes.settle(moved)
    if is_told:
        telling.tell([state.id for state in moved if state.comes_to_rest], now)


def _write_runs(states: Sequence[State], now: datetime) -> None:
    new = [(state, run) for state in states for run in state.runs if run.is_new]
    old = [run for state in states for run in state.runs if not run.is_new]
    if new:
        if any(state.waiting for state in states):
            _number([run for _, run in new])
        sql.execute(_INSERT_RUNS, (now, now, *_run_arrays(new)), prepare=True)
    if old:
        sql.execute(_SETTLE_RUNS, (now, *_settled_arrays(old)))


def _number(runs: Sequence[Run]) -> None:
    """Give ids beforehand, in order, where an instance must know the id of the run it waits with."""
    for run, (id_,) in zip(runs, sql.rows(_NEXT_IDS, (len(runs),)), strict=True):
        run.id = id_


def _run_arrays(pairs: Sequence[tuple[State, Run]]) -> tuple[list[Any], ...]:
    runs = [run for _, run in pairs]
    return (
        sql.sparse([run.id for run in runs]),
        [state.id for state, _ in pairs],
        [run.step.unique_name for run in runs],
        [run.step.display_name for run in runs],
        [run.step.type.extension_name for run in runs],
        [run.attempt for run in runs],
        [int(run.status) for run in runs],
        [run.output for run in runs],
        [storable(run.message) for run in runs],
        [run.content_digest for run in runs],
        [run.finished for run in runs],
        sql.sparse([_json(run.changes) for run in runs]),
        sql.sparse([_json(run.conditions) for run in runs]),
        sql.sparse([run.idempotency_key for run in runs]),
        sql.sparse([_array(run.role_ids) for run in runs]),
    )


def _settled_arrays(runs: Sequence[Run]) -> tuple[list[Any], ...]:
    return (
        [run.id for run in runs],
        [int(run.status) for run in runs],
        [run.output for run in runs],
        [storable(run.message) for run in runs],
        [_json(run.changes) for run in runs],
    )


def _write_instances(states: Sequence[State], now: datetime) -> bool:
    """Whether there is anybody to be told of it."""
    for state in states:
        if state.waiting is not None:
            state.run_id = state.waiting.id
    steps = [state.step for state in states]
    arrays = (
        [state.id for state in states],
        [int(state.status) for state in states],
        [storable(state.message) for state in states],
        [state.queue for state in states],
        [state.step_name for state in states],
        [step.display_name if step else "" for step in steps],
        [state.attempt for state in states],
        [state.was_stopped for state in states],
        sql.sparse([step.guid if step else None for step in steps]),
        sql.sparse([state.ready_at for state in states]),
        sql.sparse([state.run_id for state in states]),
        sql.sparse([json.dumps(state.data) if state.data_changed else None for state in states]),
    )
    notice, ended = _notice(states), [state.id for state in states if state.is_finished]
    ((_, are_awaited, is_told),) = sql.rows(_UPDATE, (now, *arrays, notice, CHANNEL, notice, ended))
    if are_awaited:
        awaiting.wake(ended, now)
    return bool(is_told)


def is_told(queue: str, status: int) -> bool:
    """Whether an instance that stands like this is told of when it moves; mass events run on in silence.

    A notice takes a lock that all commits share; what waits for people moves as seldom as they do.
    """
    return queue != Queue.BULK or status != InstanceStatus.Running


def _notice(states: Sequence[State]) -> str:
    """What tells the web processes which instances moved."""
    return ",".join(str(state.id) for state in states if is_told(state.queue, state.claimed_status))


def _write_pending(states: Sequence[State]) -> None:
    done = [state.id for state in states if state.stops_waiting and state.was_waiting]
    if done:
        sql.execute(_DROP_PENDING, (done,))
    rows = [row for state in states for row in _pending_rows(state)]
    if rows:
        sql.execute(_ADD_PENDING, tuple(list(column) for column in zip(*rows, strict=True)))


def _pending_rows(state: State) -> Iterable[tuple[Any, ...]]:
    run = state.waiting
    if run is None or state.intent is not None:
        return
    own = (state.wait_allows_self, state.initiator_id)
    for signal in run.step.signals:
        for role_id in run.role_ids:
            yield state.id, run.step.unique_name, signal.name, signal.guid, role_id, *own


def _array(values: Sequence[int]) -> str | None:
    """As a text, because `unnest` makes one column of arrays within an array."""
    return f"{{{','.join(map(str, values))}}}" if values else None


def _json(value: Any) -> str | None:
    return json.dumps(value) if value is not None else None
