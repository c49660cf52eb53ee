"""Moving locked instances and storing them: the part of a turn inside its transaction."""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from workflows.engine import claiming, queue, writing
from workflows.engine.contracts import Decision, Effects, StepContext
from workflows.engine.outcomes import apply
from workflows.engine.states import State
from workflows.engine.walking import JointRun, SlowStep, Walk, run_jointly, walk

BUDGET = 0.2  # seconds of walking before a commit: a signal must not wait longer for its lock
TOGETHER = 25  # runs of a joint step between two looks at the budget


class Intent(NamedTuple):
    """An outside call that was recorded and may be made once the transaction has committed."""

    run_id: int
    context: StepContext


class Moved(NamedTuple):
    """What is left to do once the transaction has committed."""

    intents: list[Intent]
    slow: list[int]  # ids of instances whose next step may take long


def move(states: Sequence[State], now: datetime, *, alone: bool) -> Moved:
    """Walk locked states and store them; slow steps run only where their instance is `alone`."""
    decisions = claiming.decisions_of([state for state in states if _resumes(state)])
    slow = walk_all(states, now, decisions, alone=alone)
    return Moved(store(states, now), slow)


def walk_all(
    states: Sequence[State], now: datetime, decisions: dict[int, list[Decision]], *, alone: bool = False
) -> list[int]:
    """Walk one after the other until the budget is spent; returns the ids of those before a slow step."""
    end = time.monotonic() + BUDGET
    slow: list[int] = []
    joint: list[JointRun] = []
    for state in states:
        state.ready_at = now  # stored only if it has moved and the walk ends here
        if time.monotonic() <= end:
            _walk(state, Walk(now, decisions.get(state.id, []), alone, joint), slow)
    while joint and time.monotonic() <= end:
        some = _of_one_type(joint)
        for each, outcome in zip(some, run_jointly(some), strict=True):
            if apply(each.state, each.context.step, outcome, now, each.run):
                _walk(each.state, Walk(now, alone=alone, joint=joint), slow)
    return slow


def _walk(state: State, way: Walk, slow: list[int]) -> None:
    try:
        walk(state, way)
    except SlowStep:
        slow.append(state.id)


def _of_one_type(joint: list[JointRun]) -> list[JointRun]:
    """Take out the first runs that can be made together."""
    kind = joint[0].context.step.type
    some = [each for each in joint if each.context.step.type is kind][:TOGETHER]
    joint[:] = [each for each in joint if each not in some]
    return some


def store(states: Sequence[State], now: datetime) -> list[Intent]:
    """Write the states that moved, wake whoever goes on with them, and return their intents."""
    writing.write(states, now)
    for name in {state.queue for state in states if state.moved and _is_due(state, now)}:
        queue.wake_on_commit(name)
    return [
        Intent(state.run_id, state.intent)
        for state in states
        if state.intent is not None and state.run_id is not None
    ]


def _is_due(state: State, now: datetime) -> bool:
    return state.ready_at is not None and state.ready_at <= now


def _resumes(state: State) -> bool:
    step = state.step
    return state.run_id is not None and step is not None and step.type.effects is Effects.WAITING
