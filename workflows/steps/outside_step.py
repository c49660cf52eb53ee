"""What steps that call somebody outside share: a time limit, repeated attempts, an `error` output."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from workflows.engine.contracts import (
    Continue,
    Effects,
    Fail,
    Outcome,
    Parameter,
    Retry,
    StepContext,
    StepType,
)
from workflows.errors import NotConnected, OutsideCallFailed, Throttled
from workflows.vocabulary.parameters import ControlType, ParameterType

TIMING = (
    Parameter(
        "TimeoutSeconds",
        "Time-out in seconds",
        ParameterType.Integer,
        ControlType.Number,
        default=30,
        minimum=1,
        maximum=120,
        help="For the whole call, from looking up the name to the last byte.",
    ),
    Parameter(
        "RetryAttempts",
        "Further attempts",
        ParameterType.Integer,
        ControlType.Number,
        default=2,
        minimum=0,
        maximum=4,
        help="After a failure that may pass, where a repetition does no harm.",
    ),
    Parameter(
        "RetryBackoffSeconds",
        "Seconds before the next attempt",
        ParameterType.Integer,
        ControlType.Number,
        default=5,
        minimum=1,
        maximum=3600,
        help="Doubled with each attempt.",
    ),
)


class OutsideStep(StepType):
    """Base of the external steps; a failure follows the output `error` where the definition connects it."""

    effects = Effects.EXTERNAL
    outputs = ("continue", "error")

    def call(self, context: StepContext) -> Continue:
        """Make one call; raises DomainError, a retryable OutsideCallFailed where another one may help."""
        raise NotImplementedError  # abstract

    def bears_repetition(self, context: StepContext) -> bool:
        """Whether a server that may have heard the call may hear it once more."""
        return True

    def sets(self, name: str, parameters: Mapping[str, Any]) -> frozenset[str] | None:
        kept = parameters.get("DataBucketProperty")
        return frozenset({f"{name}_error", *([kept] if kept else [])})

    def deadline(self, context: StepContext) -> timedelta:
        return timedelta(seconds=context.parameters["TimeoutSeconds"])

    def run(self, context: StepContext) -> Outcome:
        try:
            return self.call(context)
        except OutsideCallFailed as error:
            if self._may_try_again(error, context):
                return Retry(_pause(error, context), str(error))
            return Fail(str(error))

    def _may_try_again(self, error: OutsideCallFailed, context: StepContext) -> bool:
        harmless = isinstance(error, NotConnected | Throttled) or self.bears_repetition(context)
        return error.retryable and harmless and context.attempt <= context.parameters["RetryAttempts"]


def _pause(error: OutsideCallFailed, context: StepContext) -> timedelta:
    """Twice as long with each attempt, and never shorter than a server asks for."""
    backoff = context.parameters["RetryBackoffSeconds"] * 2 ** (context.attempt - 1)
    return timedelta(seconds=max(backoff, error.seconds if isinstance(error, Throttled) else 0))
