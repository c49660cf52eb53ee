"""Outside calls: made without a transaction, their results stored only if nobody has moved on meanwhile.

The intent (step run, attempt, idempotency key, lease) was committed before. After a crash the lease runs out
and another worker takes the step up with the same key.
"""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from datetime import datetime

import structlog
from django.db import InterfaceError, OperationalError, connection, transaction
from django.utils import timezone

from workflows.engine import claiming, moving, queue
from workflows.engine.calls import Calls, Result
from workflows.engine.contracts import Fail, Outcome
from workflows.engine.expressions.values import storable
from workflows.engine.moving import Intent
from workflows.engine.outcomes import apply
from workflows.engine.queue import Queue
from workflows.engine.states import Run, State
from workflows.models import StepRun
from workflows.vocabulary.statuses import StepRunStatus

log = structlog.get_logger(__name__)

CALLS_AT_ONCE = 128  # of a process; mass work leaves half of them to people who wait
PAUSES = (0.2, 0.4, 0.8, 1.6, 3.2, 5.0, 5.0)  # seconds between tries to store; a database restarts meanwhile
LATE = "The answer came when the instance had been stopped or had gone on; nothing followed from it."
LONGEST = 2000  # characters of such an answer that the history keeps
UNSTORABLE = Fail("its result cannot be stored; the log of the worker has the details")

_refused: set[str] = set()  # queues that found no room for their calls


def make_calls(intents: Sequence[Intent]) -> None:
    """Make the calls and those that follow from their results, in this thread, until none is left."""
    calls = Calls(_stored)
    calls.begin(intents)
    calls.collect()


def hand_over(intents: Sequence[Intent]) -> None:
    """The same in the background, so that a slow call holds no worker."""
    _background.hand_over(intents)


def wait_for_calls(seconds: float) -> bool:
    """Whether every call of the background was made and stored within `seconds`."""
    return _background.wait(seconds)


def room(queue_name: str) -> int:
    """How many calls this process may begin for a queue now; one that finds no room is woken later."""
    limit = CALLS_AT_ONCE // 2 if queue_name == Queue.BULK else CALLS_AT_ONCE
    free = limit - _background.under_way
    if free <= 0:
        _refused.add(queue_name)
    return max(free, 0)


def _stored_in_background(results: Sequence[Result]) -> list[Intent]:
    intents = _stored(results)
    while len(intents) < len(results) and _refused:
        queue.wake(_refused.pop())
    return intents


_background = Calls(_stored_in_background)


def _stored(results: Sequence[Result]) -> list[Intent]:
    """Store results, patiently: the call was made, and forgetting it would repeat it."""
    for pause in PAUSES:
        try:
            return _store(results)
        except (OperationalError, InterfaceError) as error:
            log.warning("results not stored yet", error=type(error).__name__)
            connection.close()
            time.sleep(pause)
        except Exception:
            log.exception("results cannot be stored together", count=len(results))
            return _stored_one_by_one(results)
    log.error("results lost; their steps are taken up again when their leases end", count=len(results))
    return []


def _stored_one_by_one(results: Sequence[Result]) -> list[Intent]:
    if len(results) > 1:
        return [intent for each in results for intent in _stored([each])]
    ((intent, outcome),) = results
    return [] if outcome is UNSTORABLE else _stored([(intent, UNSTORABLE)])


def _store(results: Sequence[Result]) -> list[Intent]:
    now = timezone.now()
    with transaction.atomic():
        states = {state.id: state for state in claiming.lock([i.context.instance.id for i, _ in results])}
        current = [state for state in (_accept(states, each, now) for each in results) if state is not None]
        moving.walk_all([state for state in current if _goes_on(state)], now, {})
        return moving.store(current, now)


def _accept(states: dict[int, State], result: Result, now: datetime) -> State | None:
    """Apply one result to its instance, or record that it came too late."""
    intent, outcome = result
    state = states.get(intent.context.instance.id)
    if state is None or state.run_id != intent.run_id or state.stopped_by is not None:
        _record_late(intent, outcome, now)
        return state if state is not None and state.stopped_by is not None else None
    step = intent.context.step
    run = Run(step, StepRunStatus.Done, id=intent.run_id, is_new=False, attempt=state.attempt)
    apply(state, step, outcome, now, run)
    return state


def _goes_on(state: State) -> bool:
    """Whether the result leads on to another step now: not finished, not waiting for a retry."""
    return not state.is_finished and (state.attempt == 0 or state.stopped_by is not None)


def _record_late(intent: Intent, outcome: Outcome, now: datetime) -> None:
    """The line says so, unless it has its outcome: a commit that nobody heard of is tried again."""
    under_way = (StepRunStatus.Running, StepRunStatus.Lost)
    StepRun.objects.filter(pk=intent.run_id, status__in=under_way).update(
        status=StepRunStatus.Late, message=storable(f"{LATE}{_said(outcome)}"), finished_at=now
    )


def _said(outcome: Outcome) -> str:
    """The answer in words, because nothing else keeps it; empty where it held nothing."""
    said = getattr(outcome, "reason", "") or getattr(outcome, "message", "")
    if changes := getattr(outcome, "changes", None):
        said = f"{said} {json.dumps(changes, ensure_ascii=False)}".lstrip()
    return f" It was: {said[:LONGEST]}" if said else ""
