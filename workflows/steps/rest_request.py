"""Invoke REST Request: one HTTP call, whose answer enters the data (workflow-definitions.md, 3.7)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta
from http import HTTPStatus
from typing import Any

from django.conf import settings

from workflows.connectors import http
from workflows.connectors.http import HttpCall
from workflows.connectors.http_content import content_of, is_json, media_type
from workflows.connectors.outbound import Login
from workflows.encryption import Secret
from workflows.engine.contracts import (
    Continue,
    Effects,
    Fail,
    Outcome,
    Parameter,
    Retry,
    StepContext,
    StepType,
)
from workflows.engine.expressions.places import Place
from workflows.engine.registry import register_step
from workflows.errors import NotConnected, OutsideCallFailed
from workflows.vocabulary.parameters import ControlType, ParameterType

ATTEMPTS = 3
BACKOFF = timedelta(seconds=5)  # before the second attempt; six times as long before the third
REPEATABLE = frozenset({"GET", "HEAD", "OPTIONS", "PUT", "DELETE"})  # RFC 9110, 9.2.2
BYTE_LIMIT = 512 * 1024  # of the answer: half of what the data may hold
SET_BY_STEP = frozenset({"content-type", "idempotency-key"})

_PLACES = {
    "application/x-www-form-urlencoded": Place.FORM_BODY,
    "application/xml": Place.HTML,
    "text/html": Place.HTML,
    "text/xml": Place.HTML,
}


@register_step
class RestRequest(StepType):
    extension_name = "RESTRequest"
    display_name = "Invoke REST Request"
    summary = "Calls a server by HTTP, with Basic authentication if wanted, and keeps the answer."
    effects = Effects.EXTERNAL
    parameters = (
        Parameter(
            "Verb",
            "Verb",
            control=ControlType.Select,
            default="GET",
            choices=("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"),
        ),
        Parameter(
            "URL",
            "URL",
            required=True,
            place=Place.URL,
            help="Begins with https:// or http:// and the host, written out; tokens may follow.",
        ),
        Parameter(
            "Headers", "Headers", ParameterType.StringMap, ControlType.Map, default={}, place=Place.HEADER
        ),
        Parameter("ContentType", "Content type", default="application/json"),
        Parameter(
            "RequestContent",
            "Request content",
            control=ControlType.TextArea,
            default="",
            place=Place.TEXT,
            help="Values of tokens are escaped for the content type.",
        ),
        Parameter(
            "DataBucketProperty",
            "Variable to store the response in",
            default="",
            help="$(Name.path) then reads a part of a JSON answer; empty drops the answer.",
        ),
        Parameter(
            "UseBasicAuth",
            "Basic authentication",
            ParameterType.Boolean,
            ControlType.Checkbox,
            default=False,
        ),
        Parameter("BasicUsername", "User name", default=""),
        Parameter("BasicPassword", "Password", ParameterType.Secret, ControlType.Password),
        Parameter(
            "TimeoutSeconds",
            "Time-out in seconds",
            ParameterType.Integer,
            ControlType.Number,
            default=30,
            minimum=1,
            maximum=120,
            help="For the whole call, from looking up the name to the last byte.",
        ),
        Parameter(
            "FailOnStatus",
            "Fail on an error status",
            ParameterType.Boolean,
            ControlType.Checkbox,
            default=True,
            help="Whether a status of 400 or more fails the step.",
        ),
    )

    def deadline(self, context: StepContext) -> timedelta:
        return timedelta(seconds=context.parameters["TimeoutSeconds"])

    def place(self, parameter: Parameter, parameters: Mapping[str, Any]) -> Place | None:
        if parameter.name != "RequestContent":
            return parameter.place
        kind = str(parameters["ContentType"])
        return Place.JSON_BODY if is_json(kind) else _PLACES.get(media_type(kind), Place.TEXT)

    def problems(self, parameters: Mapping[str, Any]) -> list[str]:
        names = {name.casefold() for name in parameters["Headers"]}
        found = [f"sets the header {name} itself; leave it out." for name in sorted(names & SET_BY_STEP)]
        if parameters["UseBasicAuth"] and "authorization" in names:
            found.append("takes Basic authentication or an Authorization header, not both.")
        if parameters["UseBasicAuth"] and not parameters["BasicUsername"]:
            found.append("needs BasicUsername for Basic authentication.")
        return found

    def run(self, context: StepContext) -> Outcome:
        try:
            answer = http.send(_call(context), settings.OUTBOUND_POLICY)
        except OutsideCallFailed as error:
            return _after_failure(error, context)
        if answer.status >= HTTPStatus.BAD_REQUEST and context.parameters["FailOnStatus"]:
            return Fail(f"the server answered {answer.status} {_phrase(answer.status)}".rstrip())
        name = context.parameters["DataBucketProperty"]
        return Continue({name: content_of(answer)} if name else {})


def _call(context: StepContext) -> HttpCall:
    values = context.parameters
    return HttpCall(
        url=values["URL"],
        method=values["Verb"],
        headers=tuple(_headers(context)),
        body=values["RequestContent"].encode(),
        login=_login(values),
        timeout=values["TimeoutSeconds"],
        byte_limit=BYTE_LIMIT,
    )


def _headers(context: StepContext) -> Iterator[tuple[str, str]]:
    """The author's headers, each value of a list on its own, and the step's."""
    for name, value in context.parameters["Headers"].items():
        yield from ((name, each) for each in (value if isinstance(value, list) else [value]))
    if context.parameters["RequestContent"]:
        yield "Content-Type", context.parameters["ContentType"]
    yield "Idempotency-Key", str(context.idempotency_key)


def _login(values: Mapping[str, Any]) -> Login | None:
    if not values["UseBasicAuth"]:
        return None
    return Login(values["BasicUsername"], values["BasicPassword"] or Secret(""))


def _after_failure(error: OutsideCallFailed, context: StepContext) -> Outcome:
    """Try again where the server has heard nothing, or hearing it twice does no harm."""
    harmless = isinstance(error, NotConnected) or context.parameters["Verb"] in REPEATABLE
    if error.retryable and harmless and context.attempt < ATTEMPTS:
        return Retry(BACKOFF * 6 ** (context.attempt - 1), str(error))
    return Fail(str(error))


def _phrase(status: int) -> str:
    """The standard's words for a status; the server's own might hold anything."""
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return ""
