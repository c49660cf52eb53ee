"""A turn: one batch of ready instances, moved in memory and stored in one transaction.

It commits after `BATCH` instances or `moving.BUDGET` seconds, whichever comes first. A batch that cannot
be stored is run again one instance at a time, so that one bad instance fails alone.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import NamedTuple

import structlog
from django.db import InterfaceError, OperationalError, transaction
from django.utils import timezone

from workflows.engine import claiming, moving, outside, queue, writing
from workflows.engine.moving import Intent, Moved
from workflows.engine.outcomes import give_up
from workflows.engine.states import State

log = structlog.get_logger(__name__)

BATCH = 50
# Seconds for each instance of a turn that was not full: what starts meanwhile shares the next one, and the
# more came, the more are coming. After a lone one hardly anybody waits for it.
PAUSE, LONGEST_PAUSE = 0.005, 0.025
POSTPONED = timedelta(seconds=30)
GIVEN_UP = "A result of this instance cannot be stored; the log of the worker has the details."
# PostgreSQL, appendix A. What passes by itself: lost locks, too few resources.
_PASSING = ("40", "53", "55")
_LOST = ("08", "57P")  # the connection, the server


class StoppedMeanwhile(Exception):
    """Somebody wished the instance stopped while it ran."""


class Turn(NamedTuple):
    claimed: int
    moved: Moved


def run_turns(queue_name: str, *, seconds: float = 30.0) -> int:
    """Take turns until the queue has nothing ready or the time is over; returns how many instances moved."""
    end = time.monotonic() + seconds
    moved = 0
    while time.monotonic() < end:
        queue.hold(queue_name)
        limit = min(BATCH, outside.room(queue_name))
        claimed = _take_turn(queue_name, limit, outside.hand_over) if limit else 0
        moved += claimed
        if not claimed:
            queue.clear(queue_name)
            if not (limit and claiming.is_any_free(queue_name)):
                return moved
        elif claimed == BATCH:
            queue.wake_another(queue_name)
        elif claimed < limit:
            time.sleep(min(PAUSE * claimed, LONGEST_PAUSE))
    queue.clear(queue_name)
    queue.wake(queue_name)
    return moved


def take_turn(queue_name: str) -> int:
    """One batch and all outside calls that follow from it; returns the number of instances claimed."""
    return _take_turn(queue_name, BATCH, outside.make_calls)


def _take_turn(queue_name: str, limit: int, make_calls: Callable[[Sequence[Intent]], None]) -> int:
    """One batch, the calls it wants to make, then its slow steps, each in a transaction of its own."""
    try:
        turn = _batch(queue_name, limit)
    except Exception as error:
        _raise_if_connection_is_lost(error)
        log.warning("a batch failed; running its instances one by one", queue=queue_name, exc_info=True)
        turn = _one_by_one(queue_name, limit)
    if turn.moved.slow:
        queue.wake_another(queue_name)  # which may take some of them meanwhile
    make_calls(turn.moved.intents)
    for instance_id in turn.moved.slow:
        make_calls(_alone(instance_id))
    return turn.claimed


def _batch(queue_name: str, limit: int) -> Turn:
    with transaction.atomic():
        states = claiming.claim(queue_name, limit)
        return Turn(
            len(states), moving.move(states, timezone.now(), alone=False) if states else Moved([], [])
        )


def _one_by_one(queue_name: str, limit: int) -> Turn:
    ids = claiming.ready_ids(queue_name, limit)
    return Turn(len(ids), Moved([intent for each in ids for intent in _alone(each)], []))


def _alone(instance_id: int) -> list[Intent]:
    """Move one instance in a transaction of its own, if it is still ready and in nobody's hands."""
    try:
        with transaction.atomic():
            states = claiming.claim_one(instance_id)
            intents = moving.move(states, timezone.now(), alone=True).intents
            _undo_if_stopped(states)
            return intents
    except StoppedMeanwhile:
        return _alone(instance_id)
    except Exception as error:
        _raise_if_connection_is_lost(error)
        if _passes(error):
            log.warning(
                "an instance waits for what the database refused", instance_id=instance_id, exc_info=True
            )
            claiming.postpone(instance_id, timezone.now() + POSTPONED)
        else:
            log.exception("an instance cannot be moved", instance_id=instance_id)
            _give_up(instance_id)
    return []


def _undo_if_stopped(states: Sequence[State]) -> None:
    """Look once more for a wish to stop: what takes seconds is worth undoing."""
    claiming.mark_stops(states)
    if any(state.stopped_by is not None and not state.was_stopped for state in states):
        raise StoppedMeanwhile


def _give_up(instance_id: int) -> None:
    """Fail an instance that cannot be moved, so that it does not come back for ever."""
    with transaction.atomic():
        states = claiming.claim_one(instance_id)
        for state in states:
            give_up(state, GIVEN_UP)
        writing.write(states, timezone.now())


def _passes(error: Exception) -> bool:
    return _code(error).startswith(_PASSING)


def _raise_if_connection_is_lost(error: Exception) -> None:
    """A lost connection has stored nothing: a later turn does the work.

    The error tells, not the connection: Django has opened another one as soon as the server is back.
    """
    if isinstance(error, InterfaceError | OperationalError) and _code(error).startswith(("-", *_LOST)):
        raise error


def _code(error: Exception) -> str:
    """SQLSTATE; `-` for an error that no server sent."""
    return getattr(error.__cause__, "sqlstate", None) or "-"
