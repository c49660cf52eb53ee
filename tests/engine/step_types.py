"""Step types that do what a test says."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from workflows.engine.contracts import Continue, Effects, Outcome, Parameter, StepContext, StepType
from workflows.vocabulary.parameters import ParameterType

Behaviour = Callable[[StepContext], Outcome]


class Scripted(StepType):
    """Behaves as it is told, and remembers what it was asked."""

    extension_name = "Scripted"
    display_name = "Scripted"
    parameters = (
        Parameter("Text", "Text"),
        Parameter("Count", "Count", ParameterType.Integer, default=1, minimum=1, maximum=9),
        Parameter("Key", "Key", ParameterType.Secret),
    )

    def __init__(self, effects: Effects, behave: Behaviour | None = None, **attributes: Any) -> None:
        self.effects = effects  # type: ignore[misc] # an instance of its own for each test
        self.behave = behave or (lambda context: Continue())
        self.contexts: list[StepContext] = []
        for name, value in attributes.items():
            setattr(self, name, value)

    def is_slow(self, context: StepContext) -> bool:
        return bool(context.data.get("slow"))

    def run(self, context: StepContext) -> Outcome:
        self.contexts.append(context)
        return self.behave(context)

    @property
    def runs(self) -> int:
        return len(self.contexts)
