"""AWS Lambda: calls a function and keeps what it returns (workflow-definitions.md, 3.4)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from django.conf import settings

from workflows.connectors import aws, http
from workflows.connectors.aws import AwsRequest, Credentials
from workflows.connectors.http import HttpAnswer, HttpCall
from workflows.connectors.http_content import content_of
from workflows.engine.contracts import Continue, Parameter, StepContext
from workflows.engine.expressions.places import Place
from workflows.engine.registry import register_step
from workflows.errors import ExpressionFailed, InvalidInput
from workflows.steps.http_step import ANSWER, BYTE_LIMIT, check_status, kept
from workflows.steps.outside_step import TIMING, OutsideStep
from workflows.vocabulary.parameters import ControlType, ParameterType

_REGION = re.compile(r"[a-z]{2}(-[a-z]+)+-\d")
_FUNCTION = re.compile(r"[A-Za-z0-9:_$-]{1,170}")  # a name, its version or alias, or a whole ARN
_ENDPOINT = re.compile(r"https?://[^/?#@]+")


@register_step
class AwsLambda(OutsideStep):
    extension_name = "AwsLambda"
    display_name = "AWS Lambda"
    summary = "Calls a function of AWS Lambda, waits for its end and keeps what it returns."
    parameters = (
        Parameter("Region", "Region", required=True, help="Such as eu-central-1."),
        Parameter("FunctionName", "Function", required=True, help="Its name or ARN; :alias may follow."),
        Parameter("AccessKey", "Access key", required=True),
        Parameter("SecretKey", "Secret key", ParameterType.Secret, ControlType.Password, required=True),
        Parameter(
            "Payload",
            "Payload",
            control=ControlType.TextArea,
            default="{}",
            place=Place.JSON_BODY,
            help="JSON; values of tokens are escaped.",
        ),
        ANSWER,
        Parameter("Endpoint", "Endpoint", default="", help="Empty: that of the region."),
        *TIMING,
    )

    def problems(self, parameters: Mapping[str, Any]) -> list[str]:
        wrong = {
            "Region": not _REGION.fullmatch(parameters["Region"]),
            "FunctionName": not _FUNCTION.fullmatch(parameters["FunctionName"]),
            "Endpoint": bool(parameters["Endpoint"] and not _ENDPOINT.fullmatch(parameters["Endpoint"])),
        }
        return [f"has a {name} that is none." for name, is_wrong in wrong.items() if is_wrong]

    def bears_repetition(self, context: StepContext) -> bool:
        """Lambda knows no idempotency key: what may have run is not run again by us."""
        return False

    def call(self, context: StepContext) -> Continue:
        answer = http.send(_call(context), settings.OUTBOUND_POLICY)
        check_status(answer)
        if answer.header("x-amz-function-error"):
            raise ExpressionFailed(f"the function failed: {_error(answer)}")
        return kept(content_of(answer) if answer.body else None, context)


def _call(context: StepContext) -> HttpCall:
    values = context.parameters
    if values["SecretKey"] is None:
        raise InvalidInput("SecretKey is needed; enter it again and publish")
    request = AwsRequest(
        endpoint=values["Endpoint"] or f"https://lambda.{values['Region']}.amazonaws.com",
        path=f"/2015-03-31/functions/{values['FunctionName']}/invocations",
        headers={"Content-Type": "application/json", "X-Amz-Invocation-Type": "RequestResponse"},
        body=values["Payload"].encode(),
        region=values["Region"],
        service="lambda",
    )
    credentials = Credentials(values["AccessKey"], values["SecretKey"])
    return HttpCall(
        url=request.url,
        method=request.method,
        headers=tuple(aws.signed(request, credentials, context.now).items()),
        body=request.body,
        timeout=values["TimeoutSeconds"],
        byte_limit=BYTE_LIMIT,
        redirect_limit=0,
    )


def _error(answer: HttpAnswer) -> str:
    """What the function itself says of its failure."""
    content = content_of(answer)
    return str(content.get("errorMessage", "it does not say why") if isinstance(content, dict) else content)
