"""Moving locked instances and storing them: the part of a turn inside its transaction."""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from workflows.engine import claiming, queue, writing
from workflows.engine.contracts import Decision, Effects, StepContext
from workflows.engine.states import State
from workflows.engine.walking import SlowStep, Walk, walk

BUDGET = 0.2  # seconds of walking before a commit: a signal must not wait longer for its lock


class Intent(NamedTuple):
    """An outside call that was recorded and may be made once the transaction has committed."""

    run_id: int
    context: StepContext


def move(states: Sequence[State], now: datetime) -> list[Intent]:
    """Walk locked states and store them; returns the outside calls they now intend to make."""
    claiming.mark_stops(states)
    decisions = claiming.decisions_of([state for state in states if _resumes(state)])
    walk_all(states, now, decisions)
    return store(states, now)


def walk_all(states: Sequence[State], now: datetime, decisions: dict[int, list[Decision]]) -> None:
    """Walk one after the other; ends early when the budget is spent or something slow has run."""
    end = time.monotonic() + BUDGET
    for number, state in enumerate(states):
        if time.monotonic() > end:
            return
        _walk(state, now, decisions.get(state.id, []), alone=number == 0)
        if state.ran_slow:
            return


def store(states: Sequence[State], now: datetime) -> list[Intent]:
    """Write the states that moved, wake whoever goes on with them, and return their intents."""
    writing.write(states, now)
    for name in {state.queue for state in states if state.moved and state.ready_at is not None}:
        queue.wake_on_commit(name)
    return [
        Intent(state.run_id, state.intent)
        for state in states
        if state.intent is not None and state.run_id is not None
    ]


def _walk(state: State, now: datetime, decisions: list[Decision], *, alone: bool) -> None:
    try:
        walk(state, Walk(now, decisions, alone))
    except SlowStep:
        if state.moved:  # keep what was done; another turn begins with the slow step
            state.ready_at = now


def _resumes(state: State) -> bool:
    step = state.step
    return state.run_id is not None and step is not None and step.type.effects is Effects.WAITING
