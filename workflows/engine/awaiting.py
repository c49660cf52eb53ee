"""Instances that wait for the end of another: its end makes them ready, in the same transaction."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import connection

from workflows.engine import queue
from workflows.models import AwaitedInstance
from workflows.vocabulary.statuses import InstanceStatus

# One that was stopped meanwhile, or has something else to do, stays as it is.
_WAKE = """
    WITH ended AS (DELETE FROM workflows_awaitedinstance WHERE instance_id = ANY(%s) RETURNING waiter_id)
    UPDATE workflows_instance SET ready_at = %s
    WHERE id IN (SELECT waiter_id FROM ended) AND status = %s AND ready_at IS NULL
    RETURNING queue
"""


def expect(instance_id: int, *, waiter_id: int) -> None:
    """Wake `waiter_id`, which begins to wait in this transaction, when the other one has ended."""
    AwaitedInstance.objects.create(instance_id=instance_id, waiter_id=waiter_id)


def wake(ended: Sequence[int], now: datetime) -> None:
    """Make ready whoever waited for these instances, which end in this transaction."""
    with connection.cursor() as cursor:
        cursor.execute(_WAKE, (list(ended), now, int(InstanceStatus.Suspended)))
        for name in {name for (name,) in cursor.fetchall()}:
            queue.wake_on_commit(name)
