"""Send Email: mails to people, queued with the step and sent afterwards (workflow-definitions.md, 3.4)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from workflows.engine.contracts import Continue, Effects, Outcome, Parameter, StepContext, StepType
from workflows.engine.expressions.places import Place
from workflows.engine.registry import register_step
from workflows.notifications import notify
from workflows.notifications.recipients import unreachable
from workflows.vocabulary.parameters import ControlType, ParameterType


@register_step
class Email(StepType):
    extension_name = "Email"
    display_name = "Send Email"
    summary = "Sends a mail to each recipient; a mail that cannot be sent never stops the workflow."
    effects = Effects.TRANSACTIONAL
    parameters = (
        Parameter("Subject", "Subject", required=True, place=Place.SUBJECT),
        Parameter(
            "Message",
            "Message",
            control=ControlType.TextArea,
            required=True,
            place=Place.HTML,
            help="HTML; the values of tokens are escaped.",
        ),
        Parameter(
            "Recipients",
            "Recipients",
            ParameterType.StringArray,
            ControlType.List,
            required=True,
            place=Place.ADDRESS,
            help="Addresses, several joined by ';', or role:<name> for the people of a role.",
        ),
    )

    def problems(self, parameters: Mapping[str, Any]) -> list[str]:
        return [f"would reach nobody: {problem}" for problem in unreachable(parameters["Recipients"])]

    def run(self, context: StepContext) -> Outcome:
        values = context.parameters
        notify(
            values["Recipients"],
            values["Subject"],
            values["Message"],
            instance_id=context.instance.id,
            now=context.now,
        )
        return Continue()
