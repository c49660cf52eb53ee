"""Instances that wait for the end of another: its end makes them ready, in the same transaction.

Locks are taken from the awaited one to the one that waits, never the other way round.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

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

_END = "DELETE FROM workflows_awaitedinstance WHERE instance_id = ANY(%s::bigint[]) RETURNING waiter_id"

_FOLLOW = "UPDATE workflows_awaitedinstance SET instance_id = %s WHERE instance_id = %s RETURNING waiter_id"

# One that was stopped meanwhile stays as it is. One that is ready already may be in the hands of a worker
# that has found the other one alive, so it is made ready once more when that worker lets it go.
_WAKE = """
    UPDATE workflows_instance SET ready_at = %s WHERE id = ANY(%s::bigint[]) AND status = %s RETURNING queue
"""

# Only a stop that came from the one that waited; who stopped the other one itself hears that it was too late.
_FOLLOW_STOP = """
    UPDATE workflows_stoprequest SET instance_id = %s
    WHERE instance_id = %s AND EXISTS (
        SELECT FROM workflows_instance WHERE id = ANY(%s::bigint[]) AND was_stopped
    )
"""


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


def wake(ended: Sequence[int], now: datetime) -> None:
    """Make ready whoever waited for these instances, which end in this transaction."""
    _wake(_ids(sql.rows(_END, (list(ended),))), now)


def pass_on(instance_id: int, new_id: int, now: datetime) -> None:
    """Let whoever waits for the locked instance wait for the one that takes its place, and say so.

    Where that has been stopped meanwhile, and the old one with it, the new one is stopped in its place.
    """
    waiters = _ids(sql.rows(_FOLLOW, (new_id, instance_id)))
    if waiters and not _wake(waiters, now):
        sql.execute(_FOLLOW_STOP, (new_id, instance_id, waiters))


def _wake(waiters: Sequence[int], now: datetime) -> bool:
    """Whether any of them still waits; a statement of its own, to see those that have begun meanwhile."""
    names = {name for (name,) in sql.rows(_WAKE, (now, waiters, int(InstanceStatus.Suspended)))}
    for name in names:
        queue.wake_on_commit(name)
    return bool(names)


def _ids(rows: Sequence[sql.Row]) -> list[int]:
    return [id_ for (id_,) in rows]
