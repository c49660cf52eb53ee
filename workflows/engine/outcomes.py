"""What becomes of an instance after each outcome: its next position, its status, its line of history."""

from __future__ import annotations

from datetime import datetime

from workflows.engine.compiling import CompiledStep
from workflows.engine.contracts import Continue, Effects, Fail, Outcome, Reject, Retry, Wait
from workflows.engine.expressions.values import check_json_safe
from workflows.engine.graph import ERROR
from workflows.engine.states import Run, State
from workflows.errors import DomainError
from workflows.vocabulary import messages
from workflows.vocabulary.statuses import InstanceStatus, StepRunStatus

MAXIMUM_DATA_BYTES = 1024 * 1024  # the data bucket travels with every turn


def apply(state: State, step: CompiledStep, outcome: Outcome, now: datetime, run: Run) -> bool:
    """Turn an outcome into the state's next position; True when the walk can go on."""
    state.moved = True
    match _storable(step, outcome):
        case Continue() as done:
            return _continue(state, step, done, run)
        case Wait() as wait:
            _wait(state, wait, run)
        case Retry() as retry:
            _retry(state, retry, now, run)
        case Fail() as failure if ERROR in step.outputs:
            return _branch(state, step, failure, run)
        case Fail() as failure:
            fail(state, run, failure)
        case Reject() as rejection:
            _reject(state, rejection, run)
    return False


def follow(state: State, step: CompiledStep, output: str) -> bool:
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


def fail(state: State, run: Run, outcome: Fail) -> None:
    message = outcome.message or messages.step_failed(run.step.display_name, outcome.reason)
    state.merge(outcome.changes)
    run.changes = outcome.changes or None
    _append(state, run, StepRunStatus.Failed, outcome.reason or outcome.message)
    state.settle(InstanceStatus.Failed, message)


def _branch(state: State, step: CompiledStep, failure: Fail, run: Run) -> bool:
    """Follow the step's `error` output, with the reason as `$(<UniqueName>_error)`."""
    reason = failure.reason or failure.message
    run.output, run.changes = ERROR, {**failure.changes, f"{step.unique_name}_error": reason}
    state.merge(run.changes)
    _append(state, run, StepRunStatus.Failed, reason)
    return follow(state, step, ERROR)


def lose_place(state: State) -> None:
    """Fail an instance whose version cannot run, or has no step of the name where it stands."""
    state.moved = True
    reason = state.version.fault or "it is not a step of this version"
    state.settle(InstanceStatus.Failed, messages.step_failed(state.step_name, reason))


def give_up(state: State, message: str) -> None:
    """Fail an instance whose walk cannot be stored, so that nobody knows which step was the last."""
    _close_wait(state, StepRunStatus.Failed)
    state.moved = True
    state.settle(InstanceStatus.Failed, message)


def stop(state: State) -> None:
    """End as somebody asked (D5); a call in flight keeps its row and is recorded when it answers."""
    _close_wait(state, StepRunStatus.Stopped)
    state.was_stopped = True
    state.moved = True
    state.settle(InstanceStatus.Rejected, messages.stopped_by(state.stopped_by or ""))


def cancel(state: State, message: str) -> None:
    """End a waiting instance whose place another one takes, which `message` names (D4)."""
    _close_wait(state, StepRunStatus.Stopped)
    state.moved = True
    state.settle(InstanceStatus.CanceledForRestart, message)


def _close_wait(state: State, status: StepRunStatus) -> None:
    """Settle the line of history of a wait that ends without an outcome."""
    step = state.step
    if step is not None and state.run_id is not None and step.type.effects is not Effects.EXTERNAL:
        run = Run(step, status, id=state.run_id, is_new=False, attempt=state.attempt)
        state.runs.append(run)


def _storable(step: CompiledStep, outcome: Outcome) -> Outcome:
    """The outcome itself, or a failure that says why its result cannot be stored or followed."""
    if isinstance(outcome, Continue) and outcome.output not in step.type.outputs:
        return Fail(f"it named an output '{outcome.output}' that it does not have")
    changes = getattr(outcome, "changes", None)
    try:
        if changes:
            check_json_safe(changes, limit_bytes=MAXIMUM_DATA_BYTES)
    except DomainError as error:
        return Fail(f"its result cannot be stored: {error}")
    return outcome


def _continue(state: State, step: CompiledStep, outcome: Continue, run: Run) -> bool:
    state.merge(outcome.changes)
    run.output, run.changes = outcome.output, outcome.changes or None
    _append(state, run, StepRunStatus.Done, outcome.message)
    state.message = outcome.message or ("" if _has_waited(step, run) else state.message)
    return follow(state, step, outcome.output)


def _has_waited(step: CompiledStep, run: Run) -> bool:
    """Whether the instance's message spoke of a wait or of an earlier attempt, which is over now."""
    return run.attempt > 1 or (step.type.effects is not Effects.EXTERNAL and not run.is_new)


def _wait(state: State, outcome: Wait, run: Run) -> None:
    is_timer = outcome.until is not None and not run.step.type.signals
    state.status = InstanceStatus.Running if is_timer else InstanceStatus.Suspended
    state.message = outcome.message
    state.merge(outcome.changes)
    state.ready_at, state.attempt = outcome.until, run.attempt
    if run.is_new:
        run.content_digest, run.role_ids = outcome.content_digest, outcome.role_ids
        state.wait_allows_self, state.waiting = outcome.allows_self, run
    _append(state, run, StepRunStatus.Waiting, outcome.message)
    run.finished = False


def _retry(state: State, outcome: Retry, now: datetime, run: Run) -> None:
    _append(state, run, StepRunStatus.Retried, outcome.reason)
    state.status, state.ready_at = InstanceStatus.Running, now + outcome.after
    state.attempt, state.run_id = run.attempt, None
    state.message = outcome.reason


def _reject(state: State, outcome: Reject, run: Run) -> None:
    state.merge(outcome.changes)
    run.changes = outcome.changes or None
    _append(state, run, StepRunStatus.Rejected, outcome.reason)
    state.settle(InstanceStatus.Rejected, outcome.reason)


def _append(state: State, run: Run, status: StepRunStatus, message: str) -> None:
    run.status, run.message, run.finished = status, message, True
    state.runs.append(run)
