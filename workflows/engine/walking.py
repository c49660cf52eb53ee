"""Walking one instance through its steps in memory, up to the next wait, outside call or end.

Nothing here writes: outcomes become the state's new position and a list of history rows, and
`workflows.engine.writing` stores them for the whole batch.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

import structlog
from django.conf import settings
from django.db import Error as DatabaseError
from django.db import transaction

from workflows.engine.compiling import CompiledStep
from workflows.engine.contracts import (
    Decision,
    Effects,
    Fail,
    Outcome,
    Reject,
    StepContext,
    StepType,
    Wait,
    WaitingStepType,
)
from workflows.engine.expressions import conditions
from workflows.engine.outcomes import apply, follow, lose_place, stop
from workflows.engine.queue import Queue
from workflows.engine.resolving import resolved
from workflows.engine.states import Run, State
from workflows.errors import DomainError
from workflows.vocabulary.statuses import InstanceStatus, StepRunStatus

log = structlog.get_logger(__name__)

MAXIMUM_ATTEMPTS = 5  # a step whose worker dies each time must not run for ever
LEASE_MARGIN = timedelta(seconds=10)  # clocks differ, and a result takes a moment to commit

Recorded = list[dict[str, Any]]


class SlowStep(Exception):
    """The next step may take long and must run in a batch of its own."""


@dataclass(frozen=True, slots=True)
class JointRun:
    """A walk that stands before a step which runs for several instances at once."""

    state: State
    run: Run
    context: StepContext


@dataclass(slots=True)
class Walk:
    """What one walk knows besides its state; `decisions` concern only the step where it begins."""

    now: datetime
    decisions: Sequence[Decision] = ()
    alone: bool = True
    joint: list[JointRun] = field(default_factory=list)


def walk(state: State, way: Walk) -> None:
    """Move `state` as far as it goes without waiting; unless alone, it joins others before a joint step.

    Raises SlowStep, before any slow run, unless alone.
    """
    while not state.is_finished and state.intent is None:
        if state.stopped_by is not None:
            return stop(state)
        step = state.step
        if step is None:
            return lose_place(state)
        if not _advance(state, step, way):
            return None
        way.decisions = ()
    return None


def run_jointly(runs: Sequence[JointRun]) -> list[Outcome]:
    """Run the one step type where these walks stand; where it raises, each runs by itself."""
    contexts = [each.context for each in runs]
    try:
        with transaction.atomic():
            return contexts[0].step.type.run_all(contexts)
    except DatabaseError:
        raise
    except Exception:
        log.exception("a step crashed; running its instances one by one", step=contexts[0].step.unique_name)
        return [_outcome(context, (), is_resumed=False) for context in contexts]


def decide(state: State, now: datetime, decisions: Sequence[Decision]) -> Outcome:
    """What the step where `state` waits makes of the decisions so far; only a rejection is applied."""
    step = state.step
    if step is None or not isinstance(step.type, WaitingStepType):
        return Fail(f"step '{state.step_name}' takes no signals")
    context = _context(state, step, now, state.attempt)
    outcome = step.type.tally(context, decisions)
    if isinstance(outcome, Reject):
        _tell(step.type, context, outcome, decisions)
        apply(state, step, outcome, now, _run_of(state, step, None))
    return outcome


def _tell(
    step_type: WaitingStepType, context: StepContext, outcome: Outcome, decisions: Sequence[Decision]
) -> None:
    """A step type that cannot tell of a denial must not keep anybody from denying."""
    try:
        with transaction.atomic():
            step_type.decided(context, outcome, decisions)
    except Exception:
        log.exception("a step could not tell of its decision", step=context.step.unique_name)


def _advance(state: State, step: CompiledStep, way: Walk) -> bool:
    """Pass over or run one step; True when the walk can go on."""
    recorded: Recorded | None = None
    if state.run_id is None and state.attempt == 0:
        if not step.enabled:
            return _skip(state, step, None)
        try:
            holds, recorded = _conditions(state, step, way.now)
        except DomainError as error:
            failure = Fail(f"its condition cannot be decided: {error}")
            return apply(state, step, failure, way.now, Run(step, StepRunStatus.Failed))
        if not holds:
            return _skip(state, step, recorded)
    return _run(state, step, way, recorded)


def _skip(state: State, step: CompiledStep, recorded: Recorded | None) -> bool:
    """Go on by the step's first output, as if it had nothing to say."""
    state.moved = True
    output = step.type.outputs[0]
    state.runs.append(Run(step, StepRunStatus.Skipped, conditions=recorded, output=output))
    return follow(state, step, output)


def _conditions(state: State, step: CompiledStep, now: datetime) -> tuple[bool, Recorded | None]:
    """Whether all hold (evaluated in order, to the first false), and what each came out as."""
    if not step.conditions:
        return True, None
    recorded: Recorded = []
    for text in step.conditions:
        result = conditions.evaluate(text, state.data, state.version.spec.aliases, now=now)
        recorded.append({"Condition": text, "Result": result.value, "Inputs": dict(result.inputs)})
        if not result.value:
            return False, recorded
    return True, recorded


def _run(state: State, step: CompiledStep, way: Walk, recorded: Recorded | None) -> bool:
    if step.type.signs and not settings.SIGNS_CERTIFICATES:
        return _hand_to_signers(state, way.now)
    run = _run_of(state, step, recorded)
    try:
        context = _context(state, step, way.now, run.attempt)
        if step.type.effects is Effects.EXTERNAL:
            return _intend(state, step, context, run)
        _check_slowness(context, way)
    except DomainError as error:
        return apply(state, step, Fail(str(error)), way.now, run)
    if step.type.is_joint and not way.alone:
        way.joint.append(JointRun(state, run, context))
        return False
    outcome = _outcome(context, way.decisions, is_resumed=not run.is_new)
    return apply(state, step, outcome, way.now, run)


def _run_of(state: State, step: CompiledStep, recorded: Recorded | None) -> Run:
    """The history row of this run: the one that waits, or a new one."""
    if step.type.effects is not Effects.EXTERNAL and state.run_id is not None:
        return Run(step, StepRunStatus.Done, id=state.run_id, is_new=False, attempt=state.attempt)
    return Run(step, StepRunStatus.Done, attempt=state.attempt + 1, conditions=recorded)


def _hand_to_signers(state: State, now: datetime) -> bool:
    """Leave the step to the workers that hold CA keys."""
    state.queue, state.ready_at, state.moved = Queue.SIGNING, now, True
    return False


def _check_slowness(context: StepContext, way: Walk) -> None:
    if not way.alone and context.step.type.is_slow(context):
        raise SlowStep


def _context(state: State, step: CompiledStep, now: datetime, attempt: int) -> StepContext:
    return StepContext(
        instance=state.facts(),
        step=step,
        data=state.data,
        parameters=resolved(step, state.data, state.version.spec.aliases),
        now=now,
        attempt=attempt,
    )


def _outcome(context: StepContext, decisions: Sequence[Decision], *, is_resumed: bool) -> Outcome:
    """Run the handler; its rows are undone when it raises, a lost database connection ends the turn."""
    step = context.step
    try:
        if step.type.effects is Effects.PURE:
            return step.type.run(context)
        with transaction.atomic():
            return _handle(step.type, context, decisions, is_resumed=is_resumed)
    except DomainError as error:
        return Fail(str(error))
    except DatabaseError:
        raise
    except Exception:
        log.exception("step crashed", instance=str(context.instance.guid), step=step.unique_name)
        return Fail("an unexpected error; the log of the worker has the details")


def _handle(
    step_type: StepType, context: StepContext, decisions: Sequence[Decision], *, is_resumed: bool
) -> Outcome:
    if not isinstance(step_type, WaitingStepType):
        return step_type.run(context)
    return _resume(step_type, context, decisions) if is_resumed else step_type.begin(context)


def _resume(step_type: WaitingStepType, context: StepContext, decisions: Sequence[Decision]) -> Outcome:
    outcome = step_type.tally(context, decisions)
    if isinstance(outcome, Wait):
        outcome = step_type.due(context, outcome)
    if not isinstance(outcome, Wait):
        step_type.decided(context, outcome, decisions)
    return outcome


def _intend(state: State, step: CompiledStep, context: StepContext, run: Run) -> bool:
    """Record that a call is about to be made; a lease lets another worker take over after a crash."""
    if state.run_id is not None:
        lost = Run(step, StepRunStatus.Lost, id=state.run_id, is_new=False, attempt=state.attempt)
        state.runs.append(lost)
        if state.attempt >= MAXIMUM_ATTEMPTS:
            reason = f"its worker stopped during attempt {state.attempt}, and no more are made"
            return apply(state, step, Fail(reason), context.now, run)
    context = replace(context, parameters={**context.parameters, **step.type.material(context)})
    run.status, run.finished, run.idempotency_key = StepRunStatus.Running, False, context.idempotency_key
    state.runs.append(run)
    state.waiting, state.intent, state.attempt = run, context, run.attempt
    state.status, state.moved = InstanceStatus.Running, True
    state.ready_at = context.now + step.type.deadline(context) + LEASE_MARGIN
    return False
