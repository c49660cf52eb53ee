"""No operation: the entry and the exit of a definition."""

from __future__ import annotations

from workflows.engine.contracts import Continue, Outcome, StepContext, StepType
from workflows.engine.registry import register_step


@register_step
class NoOperation(StepType):
    extension_name = "NOOPStep"
    display_name = "No Operation"
    summary = "Does nothing; a definition begins and ends with one."

    def run(self, context: StepContext) -> Outcome:
        return Continue()
