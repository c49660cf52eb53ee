"""Outside calls: made without a transaction, their results stored only if nobody has moved on meanwhile.

The intent (step run, attempt, idempotency key, lease) was committed before. After a crash the lease runs out
and another worker takes the step up with the same key.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from datetime import datetime
from functools import cache

import structlog
from django.db import DatabaseError, InterfaceError, OperationalError, connection, transaction
from django.utils import timezone

from workflows.engine import claiming, moving
from workflows.engine.contracts import Fail, Outcome
from workflows.engine.moving import Intent
from workflows.engine.outcomes import apply
from workflows.engine.states import Run, State
from workflows.engine.walking import LEASE_MARGIN
from workflows.errors import DomainError
from workflows.models import StepRun
from workflows.vocabulary.statuses import StepRunStatus

log = structlog.get_logger(__name__)

CALLS_AT_ONCE = 64  # threads per process; they only wait for others
LINGER = 0.002  # seconds to let further results arrive, so that they share a commit
STORE_TRIES = 5

Result = tuple[Intent, Outcome]


def make_calls(intents: Sequence[Intent]) -> None:
    """Make the calls and those that follow from their results, until none is left."""
    under_way: dict[Future[Outcome | None], Intent] = {_pool().submit(_call, each): each for each in intents}
    while under_way:
        wait(under_way, return_when=FIRST_COMPLETED)
        done, _ = wait(under_way, timeout=LINGER)
        results = [(under_way.pop(each), each.result()) for each in done]
        answered = [(intent, outcome) for intent, outcome in results if outcome is not None]
        for intent in _stored(answered):
            under_way[_pool().submit(_call, intent)] = intent


def _call(intent: Intent) -> Outcome | None:
    """Make one call; None when it waited for a thread so long that its lease may not last."""
    context = intent.context
    if timezone.now() - context.now > LEASE_MARGIN / 2:
        return None
    try:
        return context.step.type.run(context)
    except DomainError as error:
        return Fail(str(error))
    except Exception:
        log.exception(
            "outside call crashed", instance=str(context.instance.guid), step=context.step.unique_name
        )
        return Fail("an unexpected error; the log of the worker has the details")


def _stored(results: Sequence[Result]) -> list[Intent]:
    """Store results, patiently: the call was made, and forgetting it would repeat it."""
    for patience in range(STORE_TRIES):
        try:
            return _store(results)
        except (OperationalError, InterfaceError) as error:
            log.warning("results not stored yet", error=type(error).__name__)
            connection.close()
            time.sleep(0.2 * 2**patience)
        except DatabaseError:
            if len(results) == 1:
                raise
            return [intent for each in results for intent in _stored([each])]
    log.error("results lost; the steps are taken up again when their leases end", count=len(results))
    return []


def _store(results: Sequence[Result]) -> list[Intent]:
    if not results:
        return []
    now = timezone.now()
    with transaction.atomic():
        states = {state.id: state for state in claiming.lock([i.context.instance.id for i, _ in results])}
        claiming.mark_stops(states.values())
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
    StepRun.objects.filter(pk=intent.run_id).update(
        status=StepRunStatus.Late,
        message=f"answered after the instance had moved on: {type(outcome).__name__}",
        finished_at=now,
    )


@cache
def _pool() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(max_workers=CALLS_AT_ONCE, thread_name_prefix="outside")
