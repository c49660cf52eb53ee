"""Decision: an expression sends the instance one way or the other (limits-and-leads.md, row 18)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from workflows.engine import registry
from workflows.engine.contracts import Continue, Outcome, Parameter, StepContext, StepType
from workflows.engine.expressions import conditions
from workflows.engine.expressions.tokens import only_token
from workflows.engine.registry import register_step
from workflows.errors import ExpressionFailed


@register_step
class Decision(StepType):
    extension_name = "Decision"
    display_name = "Decision"
    summary = "Follows the output true or false, as a token or a Python expression of one line comes out."
    outputs = ("true", "false")
    parameters = (
        Parameter(
            "Expression",
            "Expression",
            required=True,
            is_expression=True,
            help='A token, or an expression such as $(KeyLength) < 3072 or cn.endswith(".example.com").',
        ),
    )

    def is_slow(self, context: StepContext) -> bool:
        return not only_token(context.parameters["Expression"].strip())

    def problems(self, parameters: Mapping[str, Any]) -> list[str]:
        try:
            conditions.check(parameters["Expression"])
        except ExpressionFailed as error:
            return [f"has an expression that cannot be decided: {error}"]
        return []

    def run(self, context: StepContext) -> Outcome:
        aliases = registry.aliases(context.instance.workflow_type)
        result = conditions.evaluate(context.parameters["Expression"], context.data, aliases, now=context.now)
        return Continue(output="true" if result.value else "false")
