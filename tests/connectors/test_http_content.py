from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflows.connectors.http import HttpAnswer
from workflows.connectors.http_content import content_of, is_json, media_type


def content(body: bytes, content_type: str | None = None) -> Any:
    headers = (("content-type", content_type),) if content_type is not None else ()
    return content_of(HttpAnswer(200, headers, body, 0.0))


@pytest.mark.parametrize(
    ("body", "content_type", "value"),
    [
        (b'{"a": [1, null]}', "application/json", {"a": [1, None]}),
        (b'{"a": 1}', "application/hal+json; charset=utf-8", {"a": 1}),
        (b"12", "Application/JSON", 12),
        (b' {"a": 1}', "text/plain", {"a": 1}),
        (b"[1]", None, [1]),
        (b"1.10", "text/plain", "1.10"),
        (b"true", None, "true"),
        (b"", "application/json", ""),
        (b"{broken", "application/json", "{broken"),
        (b"[" * 100_000, "application/json", "[" * 100_000),
        ("grün".encode("latin-1"), "text/plain; charset=iso-8859-1", "grün"),
        ("grün".encode(), 'text/plain; charset="no such"', "grün"),
        (b"\xff", "text/plain", "\ufffd"),
        (b"x", "", "x"),
        (b"x", ";;;", "x"),
    ],
)
def test_json_is_parsed_and_all_else_is_text(body: bytes, content_type: str | None, value: Any) -> None:
    assert content(body, content_type) == value


@pytest.mark.parametrize("text", ["application/json", "application/problem+json", 'APPLICATION/JSON; a="b"'])
def test_json_by_any_name(text: str) -> None:
    assert is_json(text)


@pytest.mark.parametrize("text", ["text/html", "application/jsonx", "json", "", "application/json-seq"])
def test_other_types_are_no_json(text: str) -> None:
    assert not is_json(text)


@given(st.binary(), st.text(st.characters(min_codepoint=32, max_codepoint=255)))
def test_no_server_can_break_it(body: bytes, content_type: str) -> None:
    content(body, content_type)
    media_type(content_type)
