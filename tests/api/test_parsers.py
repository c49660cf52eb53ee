"""Bodies: every JSON media type, limits, and what must never reach the database."""

from __future__ import annotations

import contextlib
import io
import json
from typing import Any

import pytest
from django.conf import settings
from hypothesis import given
from hypothesis import strategies as st

from tests.api.clients import ApiClient
from workflows.api.parsers import JSONParser
from workflows.errors import BodyTooLarge, MalformedBody
from workflows.json_texts import parse

PATH = "Security/Users"


@pytest.mark.parametrize(
    "media_type",
    [
        "application/json",
        "application/json; charset=utf-8",
        "application/json-patch+json",
        "text/json",
        "application/*+json",
        "application/vnd.example+json",
        "",
    ],
)
def test_every_json_media_type_is_read(admin: ApiClient, media_type: str) -> None:
    answer = admin.send("POST", PATH, b'{"AccountName": "ada"}', content_type=media_type)
    assert answer.status_code == 200, answer.content


def test_another_media_type_is_415(admin: ApiClient) -> None:
    answer = admin.send("POST", PATH, b"<a/>", content_type="application/xml")
    assert answer.status_code == 415
    assert answer.json()["ErrorCode"] == "0xC00A0004"


def test_a_body_over_the_limit_is_413_by_its_length_alone(admin: ApiClient) -> None:
    answer = admin.send("POST", PATH, b" " * (settings.DATA_UPLOAD_MAX_MEMORY_SIZE + 1))
    assert answer.status_code == 413
    assert answer.json()["ErrorCode"] == "0xC0060001"


def test_a_chunked_body_is_read_and_limited(admin: ApiClient) -> None:
    read = admin.send_chunked("POST", PATH, b'{"AccountName": "ada"}')
    assert read.status_code == 200, read.content
    refused = admin.send_chunked("POST", PATH, b" " * (settings.DATA_UPLOAD_MAX_MEMORY_SIZE + 1))
    assert refused.status_code == 413


def test_a_body_that_says_it_is_larger_is_not_even_read() -> None:
    class Request:
        META = {"CONTENT_LENGTH": str(settings.DATA_UPLOAD_MAX_MEMORY_SIZE + 1)}

    stream = io.BytesIO(b"{}")
    with pytest.raises(BodyTooLarge):
        JSONParser().parse(stream, None, {"request": Request()})
    assert stream.tell() == 0


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "not JSON"),
        (b"{", "line 1"),
        (b"\xff\xfe", "not text in UTF-8. Save it in UTF-8"),
        (b'{"a": NaN}', "NaN"),
        (b'{"a": -Infinity}', "Infinity"),
        (b'{"a": 1e999}', "1e999"),
        (b'{"a": ' + b"9" * 5000 + b"}", "digits"),
        (b"[" * 100 + b"]" * 100, "64 levels. Send it flatter"),
        (b"[" * 100_000, "64 levels"),
        (rb'{"Name": "a\u0000"}', "Name holds a NUL"),
        (rb'{"Steps": [{"Name": "\ud800"}]}', r"Steps[0].Name holds"),
        (rb'{"a\u0000": 1}', "A name in The body"),
        (b'{"": 1}', "empty name"),
    ],
)
def test_what_is_not_json_or_cannot_be_stored_is_refused(content: bytes, reason: str) -> None:
    with pytest.raises(MalformedBody) as refused:
        parse(content)
    assert reason in str(refused.value)


def test_the_last_of_a_repeated_name_counts_and_a_byte_order_mark_is_skipped() -> None:
    assert parse(b'\xef\xbb\xbf{"a": 1, "a": 2}') == {"a": 2}


@given(st.binary(max_size=200))
def test_random_bytes_are_parsed_or_refused(content: bytes) -> None:
    with contextlib.suppress(MalformedBody):
        parse(content)


_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(min_size=1), inner),
    max_leaves=20,
)


@given(_json)
def test_storable_json_comes_back_as_it_was(value: Any) -> None:
    text = json.dumps(value)
    if "\\u0000" not in text and "\\ud" not in text:
        assert parse(text.encode()) == value


@pytest.mark.parametrize(
    "body", [b"", b"null", b"[]", b"3", b'"x"', b"{", b"\x00", b'{"AccountName": 3}', b"[" * 9999]
)
@pytest.mark.parametrize("path", ["Security/Users", "Security/Roles", "MetadataFields", "Security/Tokens"])
def test_bad_bodies_are_400_everywhere(admin: ApiClient, path: str, body: bytes) -> None:
    answer = admin.send("POST", path, body)
    assert answer.status_code == 400, answer.content
    assert answer.json()["Message"]
