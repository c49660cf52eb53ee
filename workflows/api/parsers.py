"""Request bodies: UTF-8 JSON under every media type that clients send (contract, 1.1)."""

from __future__ import annotations

import re
from typing import Any

from django.conf import settings
from rest_framework import parsers
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.request import Request

from workflows.errors import BodyTooLarge
from workflows.json_texts import parse

_JSON_TYPE = re.compile(
    r"(application/(json|json-patch\+json|\*\+json|[\w.-]+\+json)|text/json)?", re.IGNORECASE
)


class JSONParser(parsers.BaseParser):
    """Any JSON value. Raises BodyTooLarge, and MalformedBody for what is not JSON or cannot be stored."""

    media_type = "application/json"

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Any = None) -> Any:
        content = _read(stream, _declared_length(parser_context))
        return parse(content) if content else {}  # as for a body that is declared to be empty


class JSONNegotiation(DefaultContentNegotiation):
    """Any JSON media type, or none, is JSON; `text/json` and `text/plain` are answered with JSON."""

    def select_parser(self, request: Request, parsers: Any) -> Any:
        given = (request.content_type or "").partition(";")[0].strip()
        return parsers[0] if _JSON_TYPE.fullmatch(given) else None

    def get_accept_list(self, request: Request) -> list[str]:
        accepted: list[str] = super().get_accept_list(request)
        also = [text for text in accepted if text.partition(";")[0] in ("text/json", "text/plain")]
        return [*accepted, "application/json"] if also else accepted


def _declared_length(parser_context: Any) -> int:
    length = parser_context["request"].META.get("CONTENT_LENGTH", "") if parser_context else ""
    return int(length) if length.isdecimal() else 0


def _read(stream: Any, declared: int) -> bytes:
    """At most one byte more than the limit is read, whatever the headers say."""
    limit = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
    content: bytes = b"" if declared > limit else stream.read(limit + 1)
    if max(declared, len(content)) > limit:
        raise BodyTooLarge(f"The body is larger than {limit:,} bytes. Send less at once.")
    return content
