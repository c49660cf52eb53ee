"""AWS Lambda: calls a function and keeps what it returns (workflow-definitions.md, 3.4)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from django.conf import settings

from workflows.connectors.outbound import Deadline
from workflows.engine.contracts import Continue, Parameter, StepContext
from workflows.engine.expressions.places import Place
from workflows.engine.registry import register_step
from workflows.errors import ExpressionFailed, InvalidInput, OutsideCallFailed, Throttled
from workflows.steps.http_faults import url_faults
from workflows.steps.http_step import ANSWER, BYTE_LIMIT, kept
from workflows.steps.outside_step import TIMING, OutsideStep
from workflows.vocabulary.parameters import ControlType, ParameterType

if TYPE_CHECKING:  # its library would take a tenth of every process's start
    from workflows.connectors.aws import Account, Line

_REGION = re.compile(r"[a-z]{2}(-[a-z]+)+-\d")
_FUNCTION = re.compile(r"[A-Za-z0-9:_$-]{1,170}")  # a name, its version or alias, or a whole ARN
_ROLE = re.compile(r"arn:aws[a-z-]*:iam::\d{12}:role/[A-Za-z0-9+=,.@_/-]{1,512}")
_ENDPOINT = re.compile(r"https?://[^/?#@]+")
_FORMS = {
    "Region": "like eu-central-1",
    "FunctionName": "a name, name:alias, or the ARN of a function",
    "Endpoint": "like https://lambda.eu-central-1.amazonaws.com, without a path",
    "StsEndpoint": "like https://sts.eu-central-1.amazonaws.com, without a path",
    "RoleArn": "like arn:aws:iam::123456789012:role/name",
}


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
        found = [f"has a {name} that is none; it must be {_FORMS[name]}." for name in wrong if wrong[name]]
        urls = [name for name in ("Endpoint", "StsEndpoint") if parameters[name] and not wrong[name]]
        return [*found, *(fault for name in urls for fault in url_faults(name, parameters[name]))]

    def bears_repetition(self, context: StepContext) -> bool:
        """Lambda knows no idempotency key: what may have run is not run again by us."""
        return False

    def call(self, context: StepContext) -> Continue:
        from workflows.connectors import aws  # noqa: PLC0415

        values = context.parameters
        line = aws.Line(settings.OUTBOUND_POLICY, Deadline(values["TimeoutSeconds"]), BYTE_LIMIT)
        try:
            returned = aws.invoke(
                _account(context, line),
                line,
                function=values["FunctionName"],
                payload=values["Payload"].encode(),
                endpoint=values["Endpoint"],
            )
        except TimeoutError:
            raise OutsideCallFailed("there was no complete answer in time", retryable=True) from None
        if returned.failure:
            raise ExpressionFailed(f"the function failed: {_reason(returned.content)}")
        return kept(returned.content, context)


def _account(context: StepContext, line: Line) -> Account:
    """The key's own, or that of the role which it assumes."""
    from workflows.connectors import aws  # noqa: PLC0415

    values = context.parameters
    if values["SecretKey"] is None:
        raise InvalidInput("SecretKey is needed; enter it again and publish")
    account = aws.Account(values["Region"], values["AccessKey"], values["SecretKey"])
    return _assumed(account, context, line) if values["RoleArn"] else account


def _assumed(account: Account, context: StepContext, line: Line) -> Account:
    from workflows.connectors import aws  # noqa: PLC0415

    values = context.parameters
    try:
        return aws.assume_role(
            account,
            line,
            role=values["RoleArn"],
            external_id=values["ExternalId"],
            session=str(context.idempotency_key),
            endpoint=values["StsEndpoint"],
        )
    except Throttled:
        raise
    except OutsideCallFailed as error:
        raise OutsideCallFailed(f"the role was not given: {error}", retryable=error.retryable) from None


def _reason(content: Any) -> str:
    """What the function itself says of its failure."""
    return str(content.get("errorMessage", "it does not say why") if isinstance(content, dict) else content)
