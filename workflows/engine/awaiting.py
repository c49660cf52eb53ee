"""Instances that wait for the end of another: its end makes them ready, in the same transaction.

One that somebody else has in hands then is left to the next tick: nobody waits for it, see `claiming`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import partial

from django.db import transaction
from django.utils import timezone

from workflows.engine import queue
from workflows.errors import WrongState
from workflows.models import AwaitedInstance, sql
from workflows.vocabulary.statuses import FINISHED, InstanceStatus

# Takes the place of one that has finished, as when that was restarted.
_EXPECT = """
    INSERT INTO workflows_awaitedinstance AS a (instance_id, waiter_id) VALUES (%s, %s)
    ON CONFLICT (instance_id) DO UPDATE SET waiter_id = EXCLUDED.waiter_id
    WHERE EXISTS (SELECT FROM workflows_instance i WHERE i.id = a.waiter_id AND i.status = ANY(%s))
    RETURNING waiter_id
"""

_FOLLOW = """
    UPDATE workflows_awaitedinstance SET instance_id = %s, is_over = false WHERE instance_id = %s
    RETURNING waiter_id
"""

# One that was stopped meanwhile stays as it is. One that is ready already is made ready once more: who had it
# in hands may have found the other one alive. The row of one in other hands is marked, for the tick.
_WAKE = """
    WITH free AS (
        SELECT a.instance_id, i.id, i.status
        FROM workflows_awaitedinstance AS a JOIN workflows_instance AS i ON i.id = a.waiter_id
        WHERE a.instance_id = ANY(%s::bigint[]) FOR NO KEY UPDATE OF i SKIP LOCKED
    ), told AS (
        DELETE FROM workflows_awaitedinstance AS a USING free WHERE a.instance_id = free.instance_id
    ), late AS (
        UPDATE workflows_awaitedinstance SET is_over = true
        WHERE instance_id = ANY(%s::bigint[]) AND NOT is_over
            AND instance_id NOT IN (SELECT instance_id FROM free)
    )
    UPDATE workflows_instance AS i SET ready_at = %s FROM free
    WHERE i.id = free.id AND free.status = %s RETURNING i.queue
"""

_OVER = "SELECT instance_id FROM workflows_awaitedinstance WHERE is_over LIMIT 500"

_SUSPENDED = (
    "SELECT id FROM workflows_instance WHERE id = ANY(%s::bigint[]) AND status = %s FOR NO KEY UPDATE"
)
_MAKE_READY = "UPDATE workflows_instance SET ready_at = %s WHERE id IN ({}) RETURNING id, queue"
_LOOK_AGAIN = _MAKE_READY.format(_SUSPENDED)
_LOOK_AGAIN_IF_FREE = _MAKE_READY.format(f"{_SUSPENDED} SKIP LOCKED")


def expect(instance_id: int, *, waiter_id: int) -> None:
    """Wake `waiter_id`, which begins to wait in this transaction, when the other one has ended.

    Nobody else may end that one meanwhile. Raises WrongState where another one waits for it already.
    """
    if not sql.rows(_EXPECT, (instance_id, waiter_id, [int(each) for each in FINISHED])):
        waiter = AwaitedInstance.objects.get(pk=instance_id).waiter_id
        raise WrongState(f"the workflow {waiter} waits for {instance_id} already")


def awaited_by(waiter_id: int) -> int | None:
    """The unfinished instance that this one waits for."""
    return next(iter(awaited_by_any([waiter_id])), None)


def awaited_by_any(waiter_ids: Sequence[int]) -> list[int]:
    """The unfinished instances that these wait for."""
    rows = AwaitedInstance.objects.filter(waiter__in=waiter_ids).exclude(instance__status__in=FINISHED)
    return list(rows.order_by("pk").values_list("instance_id", flat=True))


def is_awaited(instance_id: int) -> bool:
    """Whether somebody waits for it, or has not been told of its end."""
    return AwaitedInstance.objects.filter(pk=instance_id).exists()


def wake(ended: Sequence[int], now: datetime) -> None:
    """Make ready whoever waited for these instances, which end in this transaction or have ended."""
    ids = list(ended)
    woken = sql.rows(_WAKE, (ids, ids, now, int(InstanceStatus.Suspended)))
    _wake_queues(name for (name,) in woken)


def sweep() -> int:
    """Make ready those that somebody had in hands when what they waited for ended; part of each tick."""
    ended = _ids(sql.rows(_OVER, ()))
    if ended:
        wake(ended, timezone.now())
    return len(ended)


def pass_on(instance_id: int, new_id: int, now: datetime) -> None:
    """Let whoever waits for the locked instance wait for the one that takes its place, and say so.

    One that somebody else has in hands says so once he lets it go: we wait for him when we hold nothing more.
    """
    waiters = _ids(sql.rows(_FOLLOW, (new_id, instance_id)))
    if waiters:
        told = _look_again(_LOOK_AGAIN_IF_FREE, waiters, now)
        if late := [each for each in waiters if each not in told]:
            transaction.on_commit(partial(_look_again, _LOOK_AGAIN, late, now), robust=True)


def _look_again(statement: str, waiters: Sequence[int], now: datetime) -> list[int]:
    """Those of them that have been made ready."""
    found = sql.rows(statement, (now, waiters, int(InstanceStatus.Suspended)))
    _wake_queues(name for _, name in found)
    return [id_ for id_, _ in found]


def _wake_queues(names: Iterable[str]) -> None:
    for name in set(names):
        queue.wake_on_commit(name)


def _ids(rows: Sequence[sql.Row]) -> list[int]:
    return [id_ for (id_,) in rows]
