"""A search that finds nothing proves something only if it would have found it."""

from __future__ import annotations

import base64
import json
import textwrap

from hypothesis import given
from hypothesis import strategies as some

from tests.functional.canary.marks import Marks

TEXTS = some.binary(max_size=200)


@given(before=TEXTS, after=TEXTS)
def test_a_secret_is_found_in_every_form_and_at_every_place(before: bytes, after: bytes) -> None:
    marks = Marks()
    secret = marks.new("a password").encode()
    content = before + secret + after
    lines = "\n".join(textwrap.wrap(base64.b64encode(content).decode(), 64))
    for form in (content, content.hex().encode(), content.hex().upper().encode(), base64.b64encode(content)):
        assert marks.found_in(form) == ["a password"]
    assert marks.found_in(base64.urlsafe_b64encode(content)) == ["a password"]
    assert marks.found_in(lines.encode()) == ["a password"]
    assert marks.found_in(json.dumps({"pem": lines}).encode()) == ["a password"]


@given(TEXTS)
def test_nothing_else_is_taken_for_a_secret(content: bytes) -> None:
    marks = Marks()
    marks.new("a password")
    assert marks.found_in(content) == []
