"""Wait: a timer; the instance lies in the database until it is due, and holds neither thread nor lock."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from workflows.engine import contracts
from workflows.engine.contracts import Continue, Decision, Outcome, Parameter, StepContext, WaitingStepType
from workflows.engine.expressions.places import Place
from workflows.engine.expressions.tokens import find_tokens
from workflows.engine.registry import register_step
from workflows.errors import InvalidInput
from workflows.vocabulary.parameters import ControlType, ParameterType

UNITS = ("Days", "Hours", "Minutes")
MOST = 5_000_000  # of each unit: nine years in minutes


def _unit(name: str) -> Parameter:
    return Parameter(
        name,
        name,
        ParameterType.Integer,
        ControlType.Number,
        default=0,
        minimum=-MOST,
        maximum=MOST,
        help="Counted from Until, else from now; negative for before it.",
    )


@register_step
class Wait(WaitingStepType):
    extension_name = "Wait"
    display_name = "Wait"
    summary = "Waits for a while, or until a time, which may be a token."
    parameters = (
        Parameter(
            "Until", "Until", default="", place=Place.TEXT, help="A date or time, such as $(expdate), in UTC."
        ),
        *map(_unit, UNITS),
    )

    def problems(self, parameters: Mapping[str, Any]) -> list[str]:
        until = parameters["Until"]
        if not until and _duration(parameters) <= timedelta(0):
            return ["needs Until, or a time of more than 0 in Days, Hours and Minutes together."]
        try:
            if until and not find_tokens(until):
                _moment(until)
        except InvalidInput as error:
            return [f"would fail: {error}"]
        return []

    def begin(self, context: StepContext) -> Outcome:
        due = _due(context.parameters, context.now)
        if due <= context.now:
            return Continue()
        return contracts.Wait(f"Waits until {due:%Y-%m-%d %H:%M} UTC.", until=due)

    def tally(self, context: StepContext, decisions: Sequence[Decision]) -> Outcome:
        """Nothing but the timer makes the instance ready."""
        return Continue()


def _due(values: Mapping[str, Any], now: datetime) -> datetime:
    start = _moment(values["Until"]) if values["Until"] else now
    try:
        return start + _duration(values)
    except OverflowError:
        raise InvalidInput("the wait ends later than any calendar does") from None


def _duration(values: Mapping[str, Any]) -> timedelta:
    return timedelta(**{unit.lower(): values[unit] for unit in UNITS})


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text.strip())
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        raise InvalidInput(f"'{text[:60]}' is no time such as 2026-11-22 or 2026-11-22T08:30:00Z") from None
