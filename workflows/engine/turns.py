"""A turn: one batch of ready instances, moved in memory and stored in one transaction.

It commits after `BATCH` instances or `moving.BUDGET` seconds, whichever comes first. A batch that cannot
be stored is run again one instance at a time, so that one bad instance fails alone.
"""

from __future__ import annotations

import time
from typing import NamedTuple

import structlog
from django.db import DatabaseError, InterfaceError, OperationalError, transaction
from django.utils import timezone

from workflows.engine import claiming, moving, queue, writing
from workflows.engine.moving import Intent
from workflows.engine.outside import make_calls
from workflows.vocabulary import messages
from workflows.vocabulary.statuses import InstanceStatus

log = structlog.get_logger(__name__)

BATCH = 50


class Turn(NamedTuple):
    claimed: int
    intents: list[Intent]


def run_turns(queue_name: str, *, seconds: float = 30.0) -> int:
    """Take turns until the queue has nothing ready or the time is over; returns how many instances moved."""
    queue.clear(queue_name)
    end = time.monotonic() + seconds
    moved = 0
    while time.monotonic() < end:
        claimed = take_turn(queue_name)
        moved += claimed
        if claimed == 0:
            return moved
        if claimed == BATCH:
            queue.wake(queue_name)
    queue.wake(queue_name)
    return moved


def take_turn(queue_name: str) -> int:
    """One batch, then the outside calls it wants to make; returns the number of instances claimed."""
    try:
        turn = _batch(queue_name, BATCH)
    except (OperationalError, InterfaceError):
        raise  # the connection is gone or a lock was not to be had: nothing was stored, a later turn does it
    except DatabaseError:
        log.warning("a batch could not be stored; running its instances one by one", queue=queue_name)
        turn = _one_by_one(queue_name)
    make_calls(turn.intents)
    return turn.claimed


def _batch(queue_name: str, limit: int) -> Turn:
    with transaction.atomic():
        states = claiming.claim(queue_name, limit)
        return Turn(len(states), moving.move(states, timezone.now()) if states else [])


def _one_by_one(queue_name: str) -> Turn:
    with transaction.atomic():
        ids = [state.id for state in claiming.claim(queue_name, BATCH)]
    intents: list[Intent] = []
    for instance_id in ids:
        intents += _alone(instance_id)
    return Turn(len(ids), intents)


def _alone(instance_id: int) -> list[Intent]:
    try:
        with transaction.atomic():
            return moving.move(claiming.lock([instance_id], skip_locked=True), timezone.now())
    except (OperationalError, InterfaceError):
        raise
    except DatabaseError:
        log.exception("an instance cannot be stored", instance_id=instance_id)
        _give_up(instance_id)
        return []


def _give_up(instance_id: int) -> None:
    """Fail an instance whose result the database refuses, so that it does not come back for ever."""
    with transaction.atomic():
        for state in claiming.lock([instance_id]):
            name = state.step.display_name if state.step else state.step_name
            reason = "its result cannot be stored; the log of the worker has the details"
            state.moved = True
            state.settle(InstanceStatus.Failed, messages.step_failed(name, reason))
            writing.write([state], timezone.now())
