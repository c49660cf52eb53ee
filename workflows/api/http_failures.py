"""Failures of HTTP itself, with their codes beside those of `workflows.errors`."""

from __future__ import annotations

from typing import NamedTuple


class HttpFailure(NamedTuple):
    """A failure of HTTP itself, which no action knows."""

    status: int
    code: str
    name: str
    meaning: str


CSRF = HttpFailure(
    403, "0xC00A0001", "CsrfFailed", "A call with a session cookie came without its CSRF token (D7)."
)
METHOD = HttpFailure(405, "0xC00A0002", "MethodNotAllowed", "The path does not have this verb.")
NOT_ACCEPTABLE = HttpFailure(406, "0xC00A0003", "NotAcceptable", "The caller accepts no JSON.")
MEDIA_TYPE = HttpFailure(415, "0xC00A0004", "UnsupportedMediaType", "The body is not declared as JSON.")
LONG_LINE = HttpFailure(
    414, "0xC00A0006", "RequestLineTooLong", "Address and parameters have more bytes than are read."
)
HTTP_FAILURES = (CSRF, METHOD, NOT_ACCEPTABLE, MEDIA_TYPE, LONG_LINE)
