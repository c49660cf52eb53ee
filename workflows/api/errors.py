"""What every failure answers: `{"ErrorCode", "Message", "RequestId"}` with one status for each kind (D11)."""

from __future__ import annotations

from typing import Any, cast

import structlog
from django.core.exceptions import PermissionDenied, RequestDataTooBig, SuspiciousOperation
from django.db import OperationalError
from django.http import Http404
from psycopg import errors as postgres
from rest_framework import exceptions
from rest_framework.request import Request
from rest_framework.response import Response

from workflows.access.actors import Actor
from workflows.actions.security import record_refusal
from workflows.api.http_failures import CSRF, MEDIA_TYPE, METHOD, NOT_ACCEPTABLE, HttpFailure
from workflows.api.serializers.base import MALFORMED
from workflows.errors import (
    BodyTooLarge,
    DomainError,
    InvalidInput,
    Kind,
    MalformedBody,
    NotAuthenticated,
    NotFound,
    PermissionMissing,
    TooManyAttempts,
    Unavailable,
    Unexpected,
)

log = structlog.get_logger(__name__)

STATUS: dict[Kind, int] = {
    Kind.INVALID: 400,
    Kind.UNAUTHENTICATED: 401,
    Kind.FORBIDDEN: 403,
    Kind.NOT_FOUND: 404,
    Kind.CONFLICT: 409,
    Kind.TOO_LARGE: 413,
    Kind.THROTTLED: 429,
    Kind.UNAVAILABLE: 503,
    Kind.FAULT: 500,
}
CHALLENGE = 'Basic realm="Countersign", charset="UTF-8"'


_BY_CLASS: dict[type[Exception], HttpFailure] = {
    exceptions.MethodNotAllowed: METHOD,
    exceptions.NotAcceptable: NOT_ACCEPTABLE,
    exceptions.UnsupportedMediaType: MEDIA_TYPE,
}
_MEANINGS: list[tuple[tuple[type[Exception], ...], DomainError]] = [
    (
        (exceptions.NotAuthenticated, exceptions.AuthenticationFailed),
        NotAuthenticated("Log in, or send a token or a user name and password."),
    ),
    ((exceptions.NotFound, Http404), NotFound("There is nothing at this address.")),
    ((RequestDataTooBig,), BodyTooLarge("The body is too large. Send less at once.")),
    ((exceptions.ParseError, SuspiciousOperation), MalformedBody("The request is malformed.")),
]


def handle(error: Exception, context: dict[str, Any]) -> Response:
    """The answer to any exception of a view; Django REST framework's exception handler."""
    request: Request = context["request"]
    domain = as_domain_error(error)
    if isinstance(domain, DomainError):
        return _refusal(domain, request)
    return _http_failure(error, request)


def as_domain_error(error: Exception) -> DomainError | None:
    """What a framework's exception means in the product's terms; None for a failure of HTTP or a fault."""
    if isinstance(error, DomainError):
        return error
    if isinstance(error, exceptions.ValidationError):
        kind = MalformedBody if MALFORMED in str(error.get_codes()) else InvalidInput
        return kind(" ".join(sentences(error.detail)))
    if isinstance(error, OperationalError):
        return _unavailable(error)
    return next((meaning for kinds, meaning in _MEANINGS if isinstance(error, kinds)), None)


def sentences(detail: Any, place: str = "") -> list[str]:
    """Every error of a serializer as one sentence that names its field, as `Steps[0].UniqueName: …`."""
    if isinstance(detail, dict):
        return [text for name, part in detail.items() for text in sentences(part, _member(place, name))]
    if isinstance(detail, list) and any(isinstance(part, dict | list) for part in detail):
        return [text for i, part in enumerate(detail) for text in sentences(part, f"{place}[{i}]")]
    texts = detail if isinstance(detail, list) else [detail]
    return [f"{place}: {text}" if place else str(text) for text in texts]


def _member(place: str, name: Any) -> str:
    if name == "non_field_errors":
        return place
    if isinstance(name, int):
        return f"{place}[{name}]"
    return f"{place}.{name}" if place else str(name)


def _unavailable(error: OperationalError) -> Unavailable:
    if isinstance(error.__cause__, postgres.QueryCanceled):
        return Unavailable("This took too long. Narrow the search, or try again later.")
    if isinstance(error.__cause__, postgres.LockNotAvailable | postgres.DeadlockDetected):
        return Unavailable("Somebody else is changing the same object. Try again in a moment.")
    log.error("database.unavailable", exc_info=error)
    return Unavailable("The database does not answer. Try again later.")


def _refusal(error: DomainError, request: Request) -> Response:
    response = _answer(STATUS[error.kind], error.code, error.message, request, **error.details)
    if isinstance(error, NotAuthenticated) and not _from_browser(request):
        response["WWW-Authenticate"] = CHALLENGE
    if isinstance(error, TooManyAttempts):
        response["Retry-After"] = str(error.retry_after)
    if isinstance(error, PermissionMissing):
        record_refusal(actor=cast("Actor", request.auth), route=request.path, verb=request.method or "")
    return response


def _http_failure(error: Exception, request: Request) -> Response:
    if isinstance(error, PermissionDenied | exceptions.PermissionDenied):
        return _answer(
            CSRF.status, CSRF.code, f"{error} Send the CSRF token, or a token of the API.", request
        )
    if failure := _BY_CLASS.get(type(error)):
        return _answer(failure.status, failure.code, str(error), request)
    log.error("api.fault", exc_info=error, path=request.path)
    message = "Something went wrong here. Tell the administrator the RequestId; the log holds the cause."
    return _refusal(Unexpected(message), request)


def _answer(status: int, code: str, message: str, request: Request, **extra: Any) -> Response:
    body = {"ErrorCode": code, "Message": message, "RequestId": getattr(request, "request_id", "")}
    return Response(body | extra, status=status)


def _from_browser(request: Request) -> bool:
    """Whether a challenge would make a browser ask for a password: it must never do so (design.md, 5)."""
    headers = request.headers
    return (
        "X-Requested-With" in headers
        or "Sec-Fetch-Mode" in headers
        or "text/html" in headers.get("Accept", "")
    )
