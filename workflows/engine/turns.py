"""A turn: one batch of ready instances, moved in memory and stored in one transaction.

It commits after `BATCH` instances or `moving.BUDGET` seconds, whichever comes first. A batch that cannot
be stored is run again one instance at a time, so that one bad instance fails alone.
"""

from __future__ import annotations

import time
from datetime import timedelta
from typing import NamedTuple

import structlog
from django.db import InterfaceError, OperationalError, connection, transaction
from django.utils import timezone

from workflows.engine import claiming, moving, queue
from workflows.engine.moving import Intent
from workflows.engine.outside import make_calls

log = structlog.get_logger(__name__)

BATCH = 50
POSTPONED = timedelta(seconds=30)
GIVEN_UP = "Its version cannot run or its result cannot be stored; the log of the worker has the details."


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
    except Exception as error:
        _raise_if_connection_is_lost(error)
        log.warning("a batch failed; running its instances one by one", queue=queue_name, exc_info=True)
        turn = _one_by_one(queue_name)
    make_calls(turn.intents)
    return turn.claimed


def _batch(queue_name: str, limit: int) -> Turn:
    with transaction.atomic():
        states = claiming.claim(queue_name, limit)
        return Turn(len(states), moving.move(states, timezone.now()) if states else [])


def _one_by_one(queue_name: str) -> Turn:
    intents: list[Intent] = []
    ids = claiming.ready_ids(queue_name, BATCH)
    for instance_id in ids:
        intents += _alone(instance_id)
    return Turn(len(ids), intents)


def _alone(instance_id: int) -> list[Intent]:
    try:
        with transaction.atomic():
            return moving.move(claiming.lock([instance_id], skip_locked=True), timezone.now())
    except OperationalError as error:
        _raise_if_connection_is_lost(error)
        log.warning("an instance met a time limit of the database; it waits", instance_id=instance_id)
        claiming.postpone(instance_id, timezone.now() + POSTPONED)
    except Exception:
        log.exception("an instance cannot be moved", instance_id=instance_id)
        claiming.give_up(instance_id, GIVEN_UP)
    return []


def _raise_if_connection_is_lost(error: Exception) -> None:
    """A lost connection has stored nothing: a later turn does the work, on a new one."""
    if isinstance(error, InterfaceError | OperationalError) and not connection.is_usable():
        raise error
