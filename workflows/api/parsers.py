"""Request bodies: UTF-8 JSON under every media type that clients send (contract, 1.1)."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from typing import Any, NoReturn

from django.conf import settings
from rest_framework import parsers
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.request import Request

from workflows.errors import BodyTooLarge, MalformedBody

MAX_DEPTH = 64
_JSON_TYPE = re.compile(
    r"(application/(json|json-patch\+json|\*\+json|[\w.-]+\+json)|text/json)?", re.IGNORECASE
)
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


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


def parse(content: bytes) -> Any:
    """The value that `content` holds; of a repeated key the last one counts. Raises MalformedBody."""
    try:
        value = json.loads(content.decode("utf-8-sig"), parse_constant=_refuse_number, parse_float=_finite)
    except RecursionError:
        raise _too_deep() from None
    except json.JSONDecodeError as error:
        raise MalformedBody(
            f"The body is not JSON: {error.msg} at line {error.lineno}, column {error.colno}."
        ) from None
    except UnicodeDecodeError:
        raise MalformedBody("The body is not text in UTF-8.") from None
    except ValueError:
        raise MalformedBody("The body holds a number with too many digits.") from None
    _check(value, "The body", 0)
    return value


def _declared_length(parser_context: Any) -> int:
    length = parser_context["request"].META.get("CONTENT_LENGTH", "") if parser_context else ""
    return int(length) if length.isdecimal() else 0


def _read(stream: Any, declared: int) -> bytes:
    """At most one byte more than the limit is read, whatever the headers say."""
    limit = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
    content: bytes = b"" if declared > limit else stream.read(limit + 1)
    if max(declared, len(content)) > limit:
        raise BodyTooLarge(f"The body is larger than {limit} bytes. Send less at once.")
    return content


def _check(value: Any, place: str, depth: int) -> None:
    """PostgreSQL stores neither NUL nor half a surrogate pair; empty names break clients (contract, 1.3)."""
    if depth > MAX_DEPTH:
        raise _too_deep()
    if isinstance(value, str):
        _check_text(value, place)
    elif isinstance(value, Mapping):
        for name, member in value.items():
            _check_name(name, place)
            _check(member, name if depth == 0 else f"{place}.{name}", depth + 1)
    elif isinstance(value, list):
        for index, member in enumerate(value):
            _check(member, f"{place}[{index}]", depth + 1)


def _check_name(name: str, place: str) -> None:
    if not name:
        raise MalformedBody(f"{place} has a member with an empty name.")
    _check_text(name, f"A name in {place}")


def _check_text(text: str, place: str) -> None:
    if _UNSTORABLE.search(text):
        raise MalformedBody(f"{place} holds a NUL character or half of a surrogate pair. Remove it.")


def _finite(text: str) -> float:
    return number if math.isfinite(number := float(text)) else _refuse_number(text)


def _refuse_number(text: str) -> NoReturn:
    raise MalformedBody(f"The body holds {text[:20]}, which is no number of JSON.")


def _too_deep() -> MalformedBody:
    return MalformedBody(f"The body is nested deeper than {MAX_DEPTH} levels.")
