"""Set Additional Attributes: changes enrollment fields of the request (workflow-definitions.md, 3.4)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from workflows.actions.metadata_values import checked_fields
from workflows.engine.contracts import Continue, Outcome, Parameter, StepContext, StepType
from workflows.engine.expressions.places import Place
from workflows.engine.registry import register_step
from workflows.vocabulary.parameters import ControlType, ParameterType
from workflows.vocabulary.workflow_types import WorkflowType
from workflows.workflow_types.enrollment import request_of


@register_step
class SetAdditionalAttributes(StepType):
    extension_name = "SetAdditionalAttributes"
    display_name = "Set Additional Attributes"
    summary = "Sets enrollment fields of the request, as the template knows them."
    workflow_types = frozenset({WorkflowType.Enrollment})
    parameters = (
        Parameter(
            "Attributes",
            "Attributes",
            ParameterType.StringMap,
            ControlType.Map,
            required=True,
            place=Place.TEXT,
            help="Field name to value; an empty value removes the field, those not named stay.",
        ),
    )

    def sets(self, name: str, parameters: Mapping[str, Any]) -> frozenset[str]:
        return frozenset({"AdditionalAttributes"})

    def run(self, context: StepContext) -> Outcome:
        given = context.parameters["Attributes"]
        template = request_of(context.instance).template
        values = checked_fields(template, {name: value for name, value in given.items() if value})
        dropped = {name.casefold() for name in given}
        before = context.data.get("AdditionalAttributes") or {}
        kept = {name: value for name, value in before.items() if name.casefold() not in dropped}
        return Continue({"AdditionalAttributes": {**kept, **values}})
