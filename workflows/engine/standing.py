"""How an instance stands that takes no answer (any more): what ended it, who, when, and which one goes on."""

from __future__ import annotations

from datetime import UTC, datetime

from workflows.engine import chains
from workflows.engine.states import State
from workflows.errors import AlreadyDecided, WrongState
from workflows.models import Instance, SignalDecision, StepRun
from workflows.vocabulary.statuses import FINISHED, InstanceStatus, StepRunStatus

RESTARTED = FINISHED - {InstanceStatus.Complete}
"""In whose place another instance may stand."""


def moved_on(state: State, step_name: str) -> WrongState:
    """Why the locked instance takes no answer to `step_name`."""
    run = StepRun.objects.filter(instance=state.id, step_name__iexact=step_name).order_by("-id").first()
    ended = (StepRunStatus.Stopped, StepRunStatus.Failed)
    if run is not None and run.status not in ended and (decided := _decided(run)):
        return AlreadyDecided(f"This step was already decided: {decided}")
    if state.status is InstanceStatus.Suspended:
        return _elsewhere(state, step_name)
    instance = Instance.objects.get(pk=state.id)
    return WrongState(f"{standing(instance)}{goes_on(instance)}")


def standing(instance: Instance) -> str:
    """Why nobody can answer it, in a sentence or two.

    A restart modifies one that has failed or was stopped, so that it is no more known when that was.
    """
    status, message = InstanceStatus(instance.status), instance.status_message.rstrip(".")
    is_known = status is InstanceStatus.CanceledForRestart or successor(instance) is None
    when = f" on {moment(instance.modified_at)}" if is_known else ""
    ended = {
        InstanceStatus.CanceledForRestart: f"The instance was restarted{when}.",
        InstanceStatus.Failed: f"The instance failed{when}: {message}.",
        InstanceStatus.Rejected: f"The instance was rejected{when}: {message}.",
    }
    if instance.was_stopped:
        ended[InstanceStatus.Rejected] = f"The instance was {message[:1].lower()}{message[1:]}{when}."
    words = ended.get(status, f"The instance is {status.name}.")
    return f"{words} It expects no signal."


def goes_on(instance: Instance) -> str:
    """Which instance goes on in its place, as a sentence after others; empty where none does."""
    onward = successor(instance)
    return f" It goes on as {onward.pk} ({onward.guid})." if onward else ""


def successor(instance: Instance) -> Instance | None:
    """Of a restarted one that which lives, else that which is complete, else the last that was tried."""
    if instance.status not in RESTARTED:
        return None
    if onward := chains.successors([instance.pk]).get(instance.pk):
        return Instance.objects.filter(pk=onward.id).first()
    last, following = None, Instance.objects.filter(record__restarted_from=instance)
    while found := following.order_by("pk").last():
        last, following = found, Instance.objects.filter(record__restarted_from=found)
    return last


def moment(when: datetime) -> str:
    return f"{when.astimezone(UTC):%Y-%m-%d %H:%M} UTC"


def _decided(run: StepRun) -> str:
    """By whom the step was decided, or by what; empty while it is not."""
    decisions = SignalDecision.objects.filter(instance=run.instance_id, step_name=run.step_name)
    last = decisions.order_by("-id").first()
    if run.status == StepRunStatus.Rejected and (last is None or last.approved):
        return run.message
    if last is None:
        return ""
    word = "approved" if last.approved else "denied"
    return f"{word} by {last.user_name} on {moment(last.decided_at)}."


def _elsewhere(state: State, step_name: str) -> WrongState:
    signals = state.step.type.signals if state.step else ()
    keys = " or ".join(f"{state.step_name}.{signal.name}" for signal in signals)
    where = f"The instance waits at step '{state.step_name}'"
    if not keys:
        return WrongState(f"{where}, which takes no signal.")
    return WrongState(f"{where}, not at '{step_name[:60]}'. Its SignalKey is {keys}.")
