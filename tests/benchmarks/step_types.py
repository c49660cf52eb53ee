"""An outside call that does nothing: what it costs is the engine's own."""

from __future__ import annotations

from workflows.engine.contracts import Continue, Effects, Outcome, StepContext, StepType
from workflows.engine.registry import register_step


@register_step
class OutsideNoop(StepType):
    extension_name = "OutsideNoop"
    display_name = "Outside No Operation"
    effects = Effects.EXTERNAL

    def run(self, context: StepContext) -> Outcome:
        return Continue()
