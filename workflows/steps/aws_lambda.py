"""AWS Lambda: calls a function and keeps what it returns (workflow-definitions.md, 3.4)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from django.conf import settings

from workflows.connectors import aws, http, sts
from workflows.connectors.aws import AwsRequest, Credentials
from workflows.connectors.http import HttpAnswer, HttpCall
from workflows.connectors.http_content import content_of
from workflows.connectors.outbound import Deadline
from workflows.engine.contracts import Continue, Parameter, StepContext
from workflows.engine.expressions.places import Place
from workflows.engine.registry import register_step
from workflows.errors import ExpressionFailed, InvalidInput, OutsideCallFailed
from workflows.steps.http_step import ANSWER, BYTE_LIMIT, check_status, kept
from workflows.steps.outside_step import TIMING, OutsideStep
from workflows.vocabulary.parameters import ControlType, ParameterType

_REGION = re.compile(r"[a-z]{2}(-[a-z]+)+-\d")
_FUNCTION = re.compile(r"[A-Za-z0-9:_$-]{1,170}")  # a name, its version or alias, or a whole ARN
_ROLE = re.compile(r"arn:aws[a-z-]*:iam::\d{12}:role/[A-Za-z0-9+=,.@_/-]{1,512}")
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
        Parameter("RoleArn", "Role to assume", default="", help="Its ARN; empty: the key calls itself."),
        Parameter(
            "ExternalId",
            "External id",
            default="",
            depends_on={"RoleArn": None},
            help="What the role's trust policy asks for.",
        ),
        Parameter(
            "StsEndpoint",
            "Endpoint of STS",
            default="",
            depends_on={"RoleArn": None},
            help="Empty: that of the region.",
        ),
        *TIMING,
    )

    def problems(self, parameters: Mapping[str, Any]) -> list[str]:
        wrong = {
            "Region": not _REGION.fullmatch(parameters["Region"]),
            "FunctionName": not _FUNCTION.fullmatch(parameters["FunctionName"]),
            **{
                name: bool(parameters[name] and not form.fullmatch(parameters[name]))
                for name, form in (("Endpoint", _ENDPOINT), ("StsEndpoint", _ENDPOINT), ("RoleArn", _ROLE))
            },
        }
        return [f"has a {name} that is none." for name, is_wrong in wrong.items() if is_wrong]

    def bears_repetition(self, context: StepContext) -> bool:
        """Lambda knows no idempotency key: what may have run is not run again by us."""
        return False

    def call(self, context: StepContext) -> Continue:
        answer = _within(Deadline(context.parameters["TimeoutSeconds"]), context)
        check_status(answer)
        if answer.header("x-amz-function-error"):
            raise ExpressionFailed(f"the function failed: {_error(answer)}")
        return kept(content_of(answer) if answer.body else None, context)


def _within(deadline: Deadline, context: StepContext) -> HttpAnswer:
    """The function's answer, by the key's own rights or those of the role that it assumes."""
    try:
        credentials = _credentials(context.parameters)
        if context.parameters["RoleArn"]:
            credentials = _assumed(context, credentials, deadline.left())
        return _send(_invocation(context.parameters), credentials, context, deadline.left())
    except TimeoutError:
        raise OutsideCallFailed("there was no complete answer in time", retryable=True) from None


def _credentials(values: Mapping[str, Any]) -> Credentials:
    if values["SecretKey"] is None:
        raise InvalidInput("SecretKey is needed; enter it again and publish")
    return Credentials(values["AccessKey"], values["SecretKey"])


def _assumed(context: StepContext, credentials: Credentials, seconds: float) -> Credentials:
    """Credentials of the role, for the fifteen minutes that are the least (AWS STS, AssumeRole)."""
    request = sts.assume_role(
        endpoint=context.parameters["StsEndpoint"] or f"https://sts.{_host(context.parameters)}",
        region=context.parameters["Region"],
        role_arn=context.parameters["RoleArn"],
        external_id=context.parameters["ExternalId"],
        session_name=str(context.idempotency_key),
    )
    answer = _send(request, credentials, context, seconds)
    if answer.status != HTTPStatus.OK:
        raise OutsideCallFailed(f"the role was not given: STS answered {answer.status}", retryable=False)
    return sts.credentials_of(answer.body)


def _invocation(values: Mapping[str, Any]) -> AwsRequest:
    return AwsRequest(
        endpoint=values["Endpoint"] or f"https://lambda.{_host(values)}",
        path=f"/2015-03-31/functions/{values['FunctionName']}/invocations",
        headers={"Content-Type": "application/json", "X-Amz-Invocation-Type": "RequestResponse"},
        body=values["Payload"].encode(),
        region=values["Region"],
        service="lambda",
    )


def _host(values: Mapping[str, Any]) -> str:
    return f"{values['Region']}.amazonaws.com"


def _send(request: AwsRequest, credentials: Credentials, context: StepContext, seconds: float) -> HttpAnswer:
    call = HttpCall(
        url=request.url,
        method=request.method,
        headers=tuple(aws.signed(request, credentials, context.now).items()),
        body=request.body,
        timeout=seconds,
        byte_limit=BYTE_LIMIT,
        redirect_limit=0,
    )
    return http.send(call, settings.OUTBOUND_POLICY)


def _error(answer: HttpAnswer) -> str:
    """What the function itself says of its failure."""
    content = content_of(answer)
    return str(content.get("errorMessage", "it does not say why") if isinstance(content, dict) else content)
