"""What steps that make an HTTP request share: the request's parameters, its sending, its answer."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from http import HTTPStatus
from typing import Any

from django.conf import settings

from workflows.connectors import http
from workflows.connectors.http import HttpAnswer, HttpCall
from workflows.connectors.http_content import content_of, is_json, media_type
from workflows.connectors.outbound import Login
from workflows.encryption import Secret
from workflows.engine.contracts import Continue, Parameter, StepContext
from workflows.engine.expressions.places import Place
from workflows.errors import OutsideCallFailed, Throttled
from workflows.steps.http_faults import header_faults, url_faults
from workflows.steps.outside_step import OutsideStep
from workflows.vocabulary.parameters import ControlType, ParameterType

REPEATABLE = frozenset({"GET", "HEAD", "OPTIONS", "PUT", "DELETE"})  # RFC 9110, 9.2.2
PASSING = frozenset({502, 503, 504})  # statuses that another attempt may not meet
BYTE_LIMIT = 512 * 1024  # of the answer: half of what the data may hold
SET_BY_STEP = frozenset({"content-type", "idempotency-key"})

_PLACES = {
    "application/x-www-form-urlencoded": Place.FORM_BODY,
    "application/xml": Place.HTML,
    "text/html": Place.HTML,
    "text/xml": Place.HTML,
}

URL = Parameter(
    "URL",
    "URL",
    required=True,
    place=Place.URL,
    help="Begins with https:// or http:// and the host, written out; tokens may follow.",
)
ANSWER = Parameter(
    "DataBucketProperty",
    "Variable to store the response in",
    default="",
    help="$(Name.path) then reads a part of a JSON answer; empty drops the answer.",
)
REQUEST = (
    Parameter(
        "Verb",
        "Verb",
        control=ControlType.Select,
        default="GET",
        choices=("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"),
    ),
    URL,
    Parameter("Headers", "Headers", ParameterType.StringMap, ControlType.Map, default={}, place=Place.HEADER),
    Parameter("ContentType", "Content type", default="application/json"),
    Parameter(
        "RequestContent",
        "Request content",
        control=ControlType.TextArea,
        default="",
        place=Place.TEXT,
        help="Values of tokens are escaped for the content type.",
    ),
    ANSWER,
    Parameter(
        "FailOnStatus",
        "Fail on an error status",
        ParameterType.Boolean,
        ControlType.Checkbox,
        default=True,
        help="Whether a status of 400 or more fails the step.",
    ),
)


class HttpStep(OutsideStep):
    """One request as the parameters of `REQUEST` describe it; subclasses add who asks."""

    def bears_repetition(self, context: StepContext) -> bool:
        return context.parameters["Verb"] in REPEATABLE

    def place(self, parameter: Parameter, parameters: Mapping[str, Any]) -> Place | None:
        if parameter.name != "RequestContent":
            return parameter.place
        kind = str(parameters["ContentType"])
        return Place.JSON_BODY if is_json(kind) else _PLACES.get(media_type(kind), Place.TEXT)

    def problems(self, parameters: Mapping[str, Any]) -> list[str]:
        names = {name.casefold() for name in parameters["Headers"]}
        own = names & (SET_BY_STEP | self.own_headers(parameters))
        return [
            *url_faults("URL", parameters["URL"]),
            *(f"sets the header {name} itself; leave it out." for name in sorted(own)),
            *header_faults({**parameters["Headers"], "Content-Type": parameters["ContentType"]}),
        ]

    def own_headers(self, parameters: Mapping[str, Any]) -> frozenset[str]:
        """Further headers, in lower case, that the step sets itself."""
        return frozenset()

    def credentials(self, context: StepContext) -> tuple[tuple[str, Secret[str]], ...]:
        """Headers that say who asks."""
        return ()

    def login(self, context: StepContext) -> Login | None:
        return None

    def answer(self, context: StepContext) -> HttpAnswer:
        return self.send(context, self.credentials(context), context.parameters["TimeoutSeconds"])

    def send(
        self, context: StepContext, credentials: tuple[tuple[str, Secret[str]], ...], seconds: float
    ) -> HttpAnswer:
        values = context.parameters
        call = HttpCall(
            url=values["URL"],
            method=values["Verb"],
            headers=(*_headers(context), *credentials),
            body=values["RequestContent"].encode(),
            login=self.login(context),
            timeout=seconds,
            byte_limit=BYTE_LIMIT,
        )
        return http.send(call, settings.OUTBOUND_POLICY)

    def call(self, context: StepContext) -> Continue:
        answer = self.answer(context)
        if context.parameters["FailOnStatus"]:
            check_status(answer)
        return kept(content_of(answer), context)


def check_status(answer: HttpAnswer) -> None:
    """Raises OutsideCallFailed for a status of 400 or more, in the standard's words, never the server's."""
    if answer.status >= HTTPStatus.BAD_REQUEST:
        text = f"the server answered {answer.status} {_phrase(answer.status)}".rstrip()
        if answer.status == HTTPStatus.TOO_MANY_REQUESTS:
            raise Throttled(text, retry_after=answer.header("retry-after"))
        raise OutsideCallFailed(text, retryable=answer.status in PASSING)


def kept(content: Any, context: StepContext) -> Continue:
    """The answer in the variable that the definition names for it."""
    name = context.parameters["DataBucketProperty"]
    return Continue({name: content} if name else {})


def _headers(context: StepContext) -> Iterator[tuple[str, str]]:
    """The author's headers, each value of a list on its own, and the step's."""
    for name, value in context.parameters["Headers"].items():
        yield from ((name, each) for each in (value if isinstance(value, list) else [value]))
    if context.parameters["RequestContent"]:
        yield "Content-Type", context.parameters["ContentType"]
    yield "Idempotency-Key", str(context.idempotency_key)


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return ""
