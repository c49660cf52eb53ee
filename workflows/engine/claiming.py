"""Taking instances that are ready, locked so that no other worker sees them.

`FOR NO KEY UPDATE`: a foreign key written elsewhere must neither hide nor block an instance.

Nobody waits in a ring: a transaction waits for instances only in `lock`, by which it begins, and takes all
of them in the order of their ids. Whoever holds some passes over others that are in other hands.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from workflows.engine.compiling import CompiledVersion, compiled, unusable
from workflows.engine.contracts import Decision
from workflows.engine.states import State
from workflows.models import sql
from workflows.vocabulary.statuses import InstanceStatus

_SELECT = """
    SELECT id, guid, version_id, status, status_message, queue, step_name, attempt, run_id, data,
        initiator_id, request_id, certificate_id,
        (SELECT user_name FROM workflows_stoprequest s WHERE s.instance_id = i.id)
    FROM workflows_instance i
"""

_CLAIM = f"""
    {_SELECT}
    WHERE queue = %s AND ready_at <= statement_timestamp()
    ORDER BY ready_at, id LIMIT %s FOR NO KEY UPDATE SKIP LOCKED
"""

_LOCK = f"{_SELECT} WHERE id = ANY(%s::bigint[]) ORDER BY id FOR NO KEY UPDATE"

_LOCK_FREE = f"{_LOCK} SKIP LOCKED"

_STOPS = "SELECT instance_id, user_name FROM workflows_stoprequest WHERE instance_id = ANY(%s::bigint[])"

_DECISIONS = """
    SELECT instance_id, user_id, user_name, approved, comment, content_digest
    FROM workflows_signaldecision d
    WHERE instance_id = ANY(%s::bigint[])
      AND step_name = (SELECT step_name FROM workflows_instance i WHERE i.id = d.instance_id)
    ORDER BY d.id
"""


_READY_IDS = """
    SELECT id FROM workflows_instance WHERE queue = %s AND ready_at <= statement_timestamp()
    ORDER BY ready_at, id LIMIT %s
"""

_ANY_FREE = """
    SELECT FROM workflows_instance WHERE queue = %s AND ready_at <= statement_timestamp()
    LIMIT 1 FOR NO KEY UPDATE SKIP LOCKED
"""

_CLAIM_ONE = f"{_SELECT} WHERE id = %s AND ready_at <= statement_timestamp() FOR NO KEY UPDATE SKIP LOCKED"

_POSTPONE = "UPDATE workflows_instance SET ready_at = %s WHERE id = %s AND ready_at <= statement_timestamp()"


def claim(queue: str, limit: int) -> list[State]:
    """Up to `limit` ready instances of the queue, oldest first, locked until the transaction ends."""
    return _states(_CLAIM, (queue, limit))


def lock(ids: Sequence[int], *, skip_locked: bool = False) -> list[State]:
    """These instances, locked; those that are gone (or, with `skip_locked`, in other hands) are left out."""
    return _states(_LOCK_FREE if skip_locked else _LOCK, (list(ids),))


def is_any_free(queue: str) -> bool:
    """Whether the queue has something ready that nobody has in hands; a look without a transaction."""
    return bool(sql.rows(_ANY_FREE, (queue,)))


def claim_one(instance_id: int) -> list[State]:
    """This instance, unless somebody has it in hands or has moved it on meanwhile."""
    return _states(_CLAIM_ONE, (instance_id,))


def ready_ids(queue: str, limit: int) -> list[int]:
    """The ids of ready instances, not locked and not looked into."""
    return [id_ for (id_,) in sql.rows(_READY_IDS, (queue, limit))]


def postpone(instance_id: int, until: datetime) -> None:
    """Let an instance wait that the database would not move now."""
    sql.execute(_POSTPONE, (until, instance_id))


def mark_stops(states: Iterable[State]) -> None:
    """Note on each state who asked to stop it."""
    by_id = {state.id: state for state in states}
    for instance_id, user_name in sql.rows(_STOPS, (list(by_id),)):
        by_id[instance_id].stopped_by = user_name


def decisions_of(states: Iterable[State]) -> dict[int, list[Decision]]:
    """What people have answered at the step where each of these instances waits."""
    ids = [state.id for state in states]
    found: dict[int, list[Decision]] = defaultdict(list)
    for instance_id, *values in sql.rows(_DECISIONS, (ids,)) if ids else ():
        found[instance_id].append(Decision(*values))
    return found


def _states(statement: str, arguments: tuple[Any, ...]) -> list[State]:
    return [_state(row) for row in sql.rows(statement, arguments)]


def _state(row: sql.Row) -> State:
    id_, guid, version_id, status, message, queue, step_name, attempt, run_id, data, *rest = row
    place = (queue, step_name, attempt, run_id)
    return State(
        id_, guid, _version(version_id), InstanceStatus(status), message, *place, json.loads(data), *rest
    )


def _version(version_id: int) -> CompiledVersion:
    try:
        return compiled(version_id)
    except LookupError as error:
        return unusable(version_id, str(error))
