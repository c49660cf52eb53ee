"""What an HTTP answer holds: its JSON, or its text; and what content types say (RFC 9110, 8.3)."""

from __future__ import annotations

import json
from email.message import Message
from typing import Any

from workflows.connectors.http import HttpAnswer


def content_of(answer: HttpAnswer) -> Any:
    """The JSON of an answer that says it is JSON, or looks like an object or list; else its text."""
    header = answer.header("content-type") or ""
    text = _decoded(answer.body, header)
    if is_json(header) or text.lstrip()[:1] in ("{", "["):
        try:
            return json.loads(text)
        except (ValueError, RecursionError):
            return text
    return text


def media_type(content_type: str) -> str:
    """`type/subtype` in lower case; `text/plain` for what cannot be read."""
    return _parsed(content_type).get_content_type()


def is_json(content_type: str) -> bool:
    """True for `application/json` and everything built on it (RFC 6839, 3.1)."""
    kind = media_type(content_type)
    return kind == "application/json" or kind.endswith("+json")


def _decoded(body: bytes, content_type: str) -> str:
    charset = str(_parsed(content_type).get_content_charset("utf-8"))
    try:
        return body.decode(charset, "replace")
    except LookupError:  # a charset that nobody knows
        return body.decode("utf-8", "replace")


def _parsed(content_type: str) -> Message:
    message = Message()
    message["Content-Type"] = content_type
    return message
