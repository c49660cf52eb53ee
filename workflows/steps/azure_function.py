"""Azure Function: called by HTTP, with or without its key (workflow-definitions.md, 3.4)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from workflows.encryption import Secret
from workflows.engine.contracts import Parameter, StepContext
from workflows.engine.registry import register_step
from workflows.errors import InvalidInput
from workflows.steps.http_step import REQUEST, HttpStep
from workflows.steps.oauth_rest_request import CLIENT, OAuthStep
from workflows.steps.outside_step import TIMING
from workflows.vocabulary.parameters import ControlType, ParameterType

HEADER = "x-functions-key"
KEY = Parameter(
    "FunctionKey",
    "Function key",
    ParameterType.Secret,
    ControlType.Password,
    help="Sent as x-functions-key; a function that anybody may call needs none.",
)
CALL = tuple(replace(each, default="POST") if each.name == "Verb" else each for each in REQUEST)


@register_step
class AzureFunction(HttpStep):
    extension_name = "AzureFunction"
    display_name = "Azure Function"
    summary = "Calls a function of Azure by HTTP, with its key if it has one, and keeps the answer."
    parameters = (*CALL, KEY, *TIMING)

    def own_headers(self, parameters: Mapping[str, Any]) -> frozenset[str]:
        return frozenset({HEADER})

    def credentials(self, context: StepContext) -> tuple[tuple[str, Secret[str]], ...]:
        key = context.parameters["FunctionKey"]
        return ((HEADER, key),) if key else ()


@register_step
class AzureFunctionOAuth(OAuthStep):
    extension_name = "AzureFunctionOAuth"
    display_name = "Azure Function OAuth"
    summary = "Calls a function of Azure with an access token and its key, and keeps the answer."
    parameters = (*CALL, replace(KEY, required=True), *CLIENT, *TIMING)

    def own_headers(self, parameters: Mapping[str, Any]) -> frozenset[str]:
        return super().own_headers(parameters) | {HEADER}

    def credentials(self, context: StepContext) -> tuple[tuple[str, Secret[str]], ...]:
        key = context.parameters["FunctionKey"]
        if not key:
            raise InvalidInput("FunctionKey is needed; enter it again and publish")
        return ((HEADER, key),)
