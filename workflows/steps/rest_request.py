"""Invoke REST Request: one HTTP call, whose answer enters the data (workflow-definitions.md, 3.7)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from workflows.connectors.outbound import Login
from workflows.encryption import Secret
from workflows.engine.contracts import Parameter, StepContext
from workflows.engine.registry import register_step
from workflows.steps.http_faults import login_faults
from workflows.steps.http_step import REQUEST, HttpStep
from workflows.steps.outside_step import TIMING
from workflows.vocabulary.parameters import ControlType, ParameterType

BASIC = {"UseBasicAuth": "True"}


@register_step
class RestRequest(HttpStep):
    extension_name = "RESTRequest"
    display_name = "Invoke REST Request"
    summary = "Calls a server by HTTP, with Basic authentication if wanted, and keeps the answer."
    parameters = (
        *REQUEST,
        Parameter(
            "UseBasicAuth",
            "Basic authentication",
            ParameterType.Boolean,
            ControlType.Checkbox,
            default=False,
        ),
        Parameter("BasicUsername", "User name", default="", depends_on=BASIC),
        Parameter("BasicPassword", "Password", ParameterType.Secret, ControlType.Password, depends_on=BASIC),
        *TIMING,
    )

    def problems(self, parameters: Mapping[str, Any]) -> list[str]:
        found = super().problems(parameters)
        names = {name.casefold() for name in parameters["Headers"]}
        if parameters["UseBasicAuth"] and "authorization" in names:
            found.append("takes Basic authentication or an Authorization header, not both.")
        if parameters["UseBasicAuth"] and not parameters["BasicUsername"]:
            found.append("needs BasicUsername for Basic authentication.")
        if parameters["UseBasicAuth"]:
            found += login_faults(Login(parameters["BasicUsername"], Secret("")))
        return found

    def login(self, context: StepContext) -> Login | None:
        values = context.parameters
        if not values["UseBasicAuth"]:
            return None
        return Login(values["BasicUsername"], values["BasicPassword"] or Secret(""))
