"""Write Log: one structured line in the log, the documents' event log (workflow-definitions.md, 3.4)."""

from __future__ import annotations

import structlog

from workflows.engine.contracts import Continue, Outcome, Parameter, StepContext, StepType
from workflows.engine.expressions.places import Place
from workflows.engine.registry import register_step
from workflows.vocabulary.parameters import ControlType, ParameterType

log = structlog.get_logger(__name__)


@register_step
class WriteLog(StepType):
    extension_name = "WriteLog"
    display_name = "Write Log"
    summary = "Writes one line of JSON to the log, with values of the instance's data."
    parameters = (
        Parameter(
            "Level",
            "Level",
            control=ControlType.Select,
            default="Information",
            choices=("Information", "Warning", "Error"),
        ),
        Parameter("Message", "Message", required=True, place=Place.TEXT),
        Parameter(
            "Fields",
            "Fields",
            ParameterType.StringMap,
            ControlType.Map,
            default={},
            place=Place.VALUE,
            help="Further values of the line. One that is just one token keeps its type.",
        ),
    )

    def run(self, context: StepContext) -> Outcome:
        values, instance = context.parameters, context.instance
        write = {"Information": log.info, "Warning": log.warning, "Error": log.error}[values["Level"]]
        write(
            "workflow log",
            message=values["Message"],
            fields=values["Fields"],
            instance=str(instance.guid),
            definition=instance.definition_name,
            workflow_type=instance.workflow_type,
            step=context.step.unique_name,
        )
        return Continue()
