"""Walking one instance through its steps in memory, up to the next wait, outside call or end.

Nothing here writes: outcomes become the state's new position and a list of history rows, and
`workflows.engine.writing` stores them for the whole batch.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import structlog
from django.conf import settings
from django.db import Error as DatabaseError
from django.db import transaction

from workflows.engine import parameters
from workflows.engine.compiling import CompiledStep
from workflows.engine.contracts import (
    Continue,
    Decision,
    Effects,
    Fail,
    Outcome,
    Reject,
    Retry,
    StepContext,
    Wait,
    WaitingStepType,
)
from workflows.engine.expressions import conditions
from workflows.engine.expressions.rendering import render_structure
from workflows.engine.expressions.values import check_json_safe
from workflows.engine.queue import Queue
from workflows.engine.states import Run, State
from workflows.errors import DomainError
from workflows.vocabulary import messages
from workflows.vocabulary.statuses import InstanceStatus, StepRunStatus

log = structlog.get_logger(__name__)

MAXIMUM_DATA_BYTES = 1024 * 1024  # the data bucket travels with every turn
MAXIMUM_ATTEMPTS = 5  # a step whose worker dies each time must not run for ever
LEASE_MARGIN = timedelta(seconds=10)  # clocks differ, and a result takes a moment to commit


class SlowStep(Exception):  # noqa: N818 - a signal to the turn, not an error
    """The next step may take long and must run in a batch of its own."""


def walk(state: State, now: datetime, *, decisions: Sequence[Decision] = (), alone: bool = True) -> None:
    """Move `state` as far as it goes without waiting. Raises SlowStep, before any slow run, unless `alone`."""
    while not state.is_finished and state.intent is None:
        if state.stopped_by is not None:
            return stop(state)
        step = state.step
        if step is None:
            return _fail(state, None, Fail(f"step '{state.step_name}' is not in this version"))
        if not _advance(state, step, now, decisions, alone):
            return None
        decisions = ()
    return None


def tally(state: State, now: datetime, decisions: Sequence[Decision]) -> Outcome:
    """What the step where `state` waits makes of the decisions so far; nothing is applied."""
    step = state.step
    if step is None or not isinstance(step.type, WaitingStepType):
        return Fail(f"step '{state.step_name}' takes no signals")
    run = Run(step, StepRunStatus.Waiting, id=state.run_id, is_new=False, attempt=state.attempt)
    return step.type.tally(_context(state, step, now, run), decisions)


def stop(state: State) -> None:
    """End as somebody asked (D5); a call in flight keeps its row and is recorded when it answers."""
    if state.step is not None and state.run_id is not None and state.step.type.effects is Effects.WAITING:
        state.runs.append(_settled(state, state.step, StepRunStatus.Stopped))
    state.was_stopped = True
    state.moved = True
    state.settle(InstanceStatus.Rejected, messages.stopped_by(state.stopped_by or ""))


def apply(state: State, step: CompiledStep, outcome: Outcome, now: datetime, run: Run) -> bool:
    """Turn an outcome into the state's next position; True when the walk can go on."""
    try:
        _check(outcome)
    except DomainError as error:
        outcome = Fail(f"its result cannot be stored: {error}")
    state.moved = True
    match outcome:
        case Continue():
            return _continue(state, step, outcome, now, run)
        case Wait():
            _wait(state, outcome, run)
        case Retry():
            _retry(state, outcome, now, run)
        case Fail():
            _fail(state, run, outcome)
        case Reject():
            _reject(state, outcome, run)
    return False


def _advance(
    state: State, step: CompiledStep, now: datetime, decisions: Sequence[Decision], alone: bool
) -> bool:
    is_new = state.run_id is None
    recorded: list[dict[str, Any]] | None = None
    if is_new and state.attempt == 0:
        if not step.enabled:
            return _skip(state, step, None)
        if step.conditions:
            try:
                holds, recorded = _conditions(state, step, now)
            except DomainError as error:
                run = Run(step, StepRunStatus.Failed)
                return apply(state, step, Fail(f"its condition cannot be decided: {error}"), now, run)
            if not holds:
                return _skip(state, step, recorded)
    return _run(state, step, now, decisions, recorded, alone)


def _skip(state: State, step: CompiledStep, recorded: list[dict[str, Any]] | None) -> bool:
    state.moved = True
    state.runs.append(Run(step, StepRunStatus.Skipped, conditions=recorded, output="continue"))
    return _follow(state, step, "continue")


def _conditions(
    state: State, step: CompiledStep, now: datetime
) -> tuple[bool, list[dict[str, Any]]]:
    """Whether all hold (evaluated in order, to the first false), and what each came out as."""
    recorded = []
    for text in step.conditions:
        result = conditions.evaluate(text, state.data, state.version.spec.aliases, now=now)
        recorded.append({"Condition": text, "Result": result.value, "Inputs": dict(result.inputs)})
        if not result.value:
            return False, recorded
    return True, recorded


def _run(
    state: State,
    step: CompiledStep,
    now: datetime,
    decisions: Sequence[Decision],
    recorded: list[dict[str, Any]] | None,
    alone: bool,
) -> bool:
    if step.type.signs and not settings.SIGNS_CERTIFICATES:
        return _hand_to_signers(state, now)
    effects = step.type.effects
    run = Run(step, StepRunStatus.Done, attempt=state.attempt + 1, conditions=recorded)
    if effects is Effects.WAITING and state.run_id is not None:
        run = Run(step, StepRunStatus.Done, id=state.run_id, is_new=False, attempt=state.attempt)
    try:
        context = _context(state, step, now, run)
        if effects is Effects.EXTERNAL:
            return _intend(state, step, context, run)
        if step.type.is_slow(context):
            if not alone:
                raise SlowStep
            state.ran_slow = True
        outcome = _outcome(step, context, decisions, resumed=not run.is_new)
    except DomainError as error:
        outcome = Fail(str(error))
    return apply(state, step, outcome, now, run)


def _hand_to_signers(state: State, now: datetime) -> bool:
    """Leave the step to the workers that hold CA keys."""
    state.queue, state.ready_at, state.moved = Queue.SIGNING, now, True
    return False


def _context(state: State, step: CompiledStep, now: datetime, run: Run) -> StepContext:
    return StepContext(
        instance=state.facts(),
        step=step,
        data=state.data,
        parameters=_resolved(step, state),
        now=now,
        attempt=run.attempt,
        idempotency_key=uuid.uuid5(state.guid, step.unique_name),
    )


def _resolved(step: CompiledStep, state: State) -> Mapping[str, Any]:
    if not step.rendered and not step.secret:
        return step.fixed
    values = dict(step.fixed)
    for parameter, value in step.rendered:
        values[parameter.name] = render_structure(
            value, state.data, parameter.place, aliases=state.version.spec.aliases
        )
    for parameter, value in step.secret:
        values[parameter.name] = parameters.unseal(parameter, value)
    return values


def _outcome(
    step: CompiledStep, context: StepContext, decisions: Sequence[Decision], *, resumed: bool
) -> Outcome:
    """Run the handler; its rows are undone when it fails, a lost database connection ends the turn."""
    step_type = step.type
    try:
        if step_type.effects is Effects.PURE:
            return step_type.run(context)
        with transaction.atomic():
            if not isinstance(step_type, WaitingStepType):
                return step_type.run(context)
            return _resume(step_type, context, decisions) if resumed else step_type.begin(context)
    except (DomainError, DatabaseError):
        raise
    except Exception:
        log.exception("step crashed", instance=str(context.instance.guid), step=step.unique_name)
        return Fail("an unexpected error; the log of the worker has the details")


def _resume(step_type: WaitingStepType, context: StepContext, decisions: Sequence[Decision]) -> Outcome:
    outcome = step_type.tally(context, decisions)
    if not isinstance(outcome, Wait):
        step_type.decided(context, outcome, decisions)
    return outcome


def _intend(state: State, step: CompiledStep, context: StepContext, run: Run) -> bool:
    """Record that a call is about to be made; a lease lets another worker take over after a crash."""
    if state.run_id is not None:
        state.runs.append(Run(step, StepRunStatus.Lost, id=state.run_id, is_new=False, attempt=state.attempt))
    if run.attempt > MAXIMUM_ATTEMPTS:
        reason = f"its worker stopped {MAXIMUM_ATTEMPTS} times during the call"
        return apply(state, step, Fail(reason), context.now, Run(step, StepRunStatus.Failed, attempt=run.attempt))
    run.status, run.finished, run.idempotency_key = StepRunStatus.Running, False, context.idempotency_key
    state.attempt = run.attempt
    state.status = InstanceStatus.Running
    state.ready_at = context.now + step.type.deadline(context) + LEASE_MARGIN
    state.waiting = run
    state.runs.append(run)
    state.intent = context
    state.moved = True
    return False


def _check(outcome: Outcome) -> None:
    changes = getattr(outcome, "changes", None)
    if changes:
        check_json_safe(changes, limit_bytes=MAXIMUM_DATA_BYTES)


def _continue(state: State, step: CompiledStep, outcome: Continue, now: datetime, run: Run) -> bool:
    if outcome.output not in step.type.outputs:
        _fail(state, run, Fail(f"it named an output '{outcome.output}' that it does not have"))
        return False
    state.merge(outcome.changes)
    run.status, run.finished = StepRunStatus.Done, True
    run.output, run.message, run.changes = outcome.output, outcome.message, outcome.changes or None
    _append(state, run)
    state.message = outcome.message or state.message
    return _follow(state, step, outcome.output)


def _follow(state: State, step: CompiledStep, output: str) -> bool:
    """Go where the output leads; an output that leads nowhere is the end."""
    if step.type.effects is Effects.WAITING:
        state.stops_waiting = True
    state.status = InstanceStatus.Running
    target = step.outputs.get(output)
    if target is None:
        state.settle(InstanceStatus.Complete, state.message or messages.COMPLETE)
        return False
    state.go_to(target)
    return True


def _wait(state: State, outcome: Wait, run: Run) -> None:
    state.status, state.message = InstanceStatus.Suspended, outcome.message
    state.ready_at = outcome.until
    state.attempt = run.attempt
    run.status, run.finished, run.message = StepRunStatus.Waiting, False, outcome.message
    if run.is_new:
        run.content_digest = outcome.content_digest
        state.wait_role_ids, state.wait_allows_self = outcome.role_ids, outcome.allows_self
        state.waiting = run
    _append(state, run)


def _retry(state: State, outcome: Retry, now: datetime, run: Run) -> None:
    run.status, run.finished, run.message = StepRunStatus.Retried, True, outcome.reason
    _append(state, run)
    state.status, state.ready_at = InstanceStatus.Running, now + outcome.after
    state.attempt, state.run_id = run.attempt, None


def _fail(state: State, run: Run | None, outcome: Fail) -> None:
    name = run.step.display_name if run else state.step_name
    message = outcome.message or messages.step_failed(name, outcome.reason)
    state.merge(outcome.changes)
    if run is not None:
        run.status, run.finished, run.message = StepRunStatus.Failed, True, outcome.reason or outcome.message
        run.changes = outcome.changes or None
        _append(state, run)
    state.moved = True
    state.settle(InstanceStatus.Failed, message)


def _reject(state: State, outcome: Reject, run: Run) -> None:
    state.merge(outcome.changes)
    run.status, run.finished, run.message = StepRunStatus.Rejected, True, outcome.reason
    run.changes = outcome.changes or None
    _append(state, run)
    state.settle(InstanceStatus.Rejected, outcome.reason)


def _append(state: State, run: Run) -> None:
    if run not in state.runs:
        state.runs.append(run)


def _settled(state: State, step: CompiledStep, status: StepRunStatus) -> Run:
    return Run(step, status, id=state.run_id, is_new=False, attempt=state.attempt)
