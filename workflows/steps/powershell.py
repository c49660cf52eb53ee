"""Set Variable Data and Use Custom PowerShell, run by `SCRIPT_RUNNER` (workflow-definitions.md, 3.5)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.conf import settings

from workflows.actions import scripts as stored
from workflows.connectors import scripts
from workflows.connectors.scripts import ScriptCall
from workflows.engine.contracts import Continue, Parameter, Query, StepContext
from workflows.engine.expressions.places import Place
from workflows.engine.registry import register_step
from workflows.errors import InvalidInput
from workflows.steps.outside_step import TIMING, OutsideStep
from workflows.vocabulary.parameters import ControlType, ParameterType

CMDLETS = (
    "ConvertFrom-Csv",
    "ConvertFrom-Json",
    "ConvertFrom-Markdown",
    "ConvertFrom-SddlString",
    "ConvertFrom-StringData",
    "ConvertTo-Csv",
    "ConvertTo-Html",
    "ConvertTo-Json",
    "ConvertTo-Xml",
    "ForEach-Object",
    "Get-Command",
    "Select-Object",
    "Where-Object",
)
MISSING = "needs PowerShell, and SCRIPT_RUNNER names no command that runs it."
ABSENT = (
    "needs PowerShell, and the command of SCRIPT_RUNNER is not there or may not be executed; install it, or "
    "correct the setting."
)
PARAMETERS = Parameter(
    "ScriptParameters",
    "Script parameters",
    ParameterType.StringMap,
    ControlType.Map,
    default={},
    place=Place.TEXT,
    help="Names of the script's param(…) block; values arrive as text.",
)


class ScriptStep(OutsideStep):
    """A script that the runner runs; each key of the hashtable it returns becomes a variable."""

    @property
    def obstacle(self) -> str:
        if not settings.SCRIPT_RUNNER:
            return MISSING
        return "" if scripts.is_there(settings.SCRIPT_RUNNER) else ABSENT

    def sets(self, name: str, parameters: Mapping[str, Any]) -> None:
        """Only the script knows."""

    def run_script(self, context: StepContext, script: str, cmdlets: tuple[str, ...] | None) -> Continue:
        if not settings.SCRIPT_RUNNER:
            raise InvalidInput(f"it {MISSING}")
        values = context.parameters
        call = ScriptCall(script, values["ScriptParameters"], cmdlets, values["TimeoutSeconds"])
        return Continue(scripts.run(settings.SCRIPT_RUNNER, call))


@register_step
class PowerShell(ScriptStep):
    extension_name = "PowerShell"
    display_name = "Set Variable Data"
    summary = "Runs a PowerShell script of the definition, with the listed cmdlets only."
    parameters = (
        PARAMETERS,
        Parameter(
            "ScriptContent",
            "Script",
            ParameterType.Script,
            ControlType.TextArea,
            required=True,
            help="Begins with param(…) and returns one hashtable.",
        ),
        *TIMING,
    )

    def script(self, parameters: Mapping[str, Any]) -> str:
        return str(parameters["ScriptContent"])

    def call(self, context: StepContext) -> Continue:
        return self.run_script(context, context.parameters["ScriptContent"], CMDLETS)


@register_step
class CustomPowerShell(ScriptStep):
    extension_name = "CustomPowerShell"
    display_name = "Use Custom PowerShell"
    summary = "Runs a stored PowerShell script, without a limit to what it may use."
    parameters = (
        Parameter(
            "ScriptName",
            "Script",
            required=True,
            query=Query("/Extensions/Scripts", "Name"),
            help="The name of a stored script of category 6.",
        ),
        PARAMETERS,
        *TIMING,
    )

    def script(self, parameters: Mapping[str, Any]) -> str:
        script = stored.for_workflows(parameters["ScriptName"])
        return script.contents if script else ""

    def problems(self, parameters: Mapping[str, Any]) -> list[str]:
        name = parameters["ScriptName"]
        known = stored.for_workflows(name) is not None
        return [] if known else [f"names the script '{name}', which is not stored with category 6."]

    def material(self, context: StepContext) -> Mapping[str, Any]:
        script = stored.for_workflows(context.parameters["ScriptName"])
        if script is None:
            raise InvalidInput(
                f"there is no stored script '{context.parameters['ScriptName']}' of category 6"
            )
        return {"Contents": script.contents}

    def call(self, context: StepContext) -> Continue:
        return self.run_script(context, context.parameters["Contents"], None)
