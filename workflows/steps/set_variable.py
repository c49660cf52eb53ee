"""Set Variable: a sandboxed Python script whose result enters the data (workflow-definitions.md, 3.5)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from workflows.engine.contracts import Continue, Outcome, Parameter, Retry, StepContext, StepType
from workflows.engine.expressions.places import Place
from workflows.engine.expressions.sandbox import check_script, run_script
from workflows.engine.registry import register_step
from workflows.errors import ExpressionFailed, Unavailable
from workflows.vocabulary.parameters import ControlType, ParameterType

ATTEMPTS = 5  # when the sandbox is too busy to take a script at all


@register_step
class SetVariable(StepType):
    extension_name = "SetVariable"
    display_name = "Set Variable"
    summary = "Runs a Python script; each key of the object it ends with becomes a variable."
    parameters = (
        Parameter(
            "ScriptParameters",
            "Script parameters",
            ParameterType.StringMap,
            ControlType.Map,
            default={},
            place=Place.VALUE,
            help="Names that the script can use. A value that is just one token keeps its type.",
        ),
        Parameter(
            "ScriptContent",
            "Script",
            ParameterType.Script,
            ControlType.TextArea,
            required=True,
            help='Python that ends with an object, like {"NeedsApproval": "prod" in cn}.',
        ),
    )

    def is_slow(self, context: StepContext) -> bool:
        return True

    def sets(self, name: str, parameters: Mapping[str, Any]) -> None:
        """Only the script knows."""

    def script(self, parameters: Mapping[str, Any]) -> str:
        return str(parameters["ScriptContent"])

    def problems(self, parameters: Mapping[str, Any]) -> list[str]:
        try:
            check_script(parameters["ScriptContent"])
        except ExpressionFailed as error:
            return [f"has a script that cannot run: {error}"]
        return []

    def run(self, context: StepContext) -> Outcome:
        inputs = context.parameters["ScriptParameters"]
        try:
            return Continue(run_script(context.parameters["ScriptContent"], inputs, now=context.now))
        except Unavailable as error:
            if context.attempt == ATTEMPTS:
                raise
            return Retry(timedelta(seconds=2**context.attempt), str(error))


@register_step
class Python(SetVariable):
    """The same under the name that people who look for Python expect."""

    extension_name = "Python"
    display_name = "Run Python"
