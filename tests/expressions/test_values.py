from __future__ import annotations

import enum
import json
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.expressions.strategies import json_values
from workflows.engine.expressions.values import MAXIMUM_DEPTH, check_json_safe, describe
from workflows.errors import InvalidInput

KIB = 1024


class Colour(enum.Enum):
    RED = 1


def nested(depth: int) -> Any:
    value: Any = 1
    for _ in range(depth):
        value = [value]
    return value


@pytest.mark.parametrize(
    ("value", "problem"),
    [
        ({"a": [1, {"b": math.nan}]}, r"value\.a\[1\]\.b is not a finite number"),
        ([math.inf], r"value\[0\] is not a finite number"),
        ({"a": "x\0"}, r"value\.a holds a NUL"),
        ({"a": "\ud800"}, r"value\.a holds a NUL or half"),
        ({"a\0": 1}, r"value has a key with a NUL"),
        ({"a": {"": 1}}, r"value\.a has an empty key"),
        ({"a": {1: 1}}, r"value\.a has a key that is no text"),
        ({"a": (1, 2)}, r"value\.a is a Python tuple, which JSON does not have"),
        ({"a": {1, 2}}, r"value\.a is a Python set"),
        ({"a": b"x"}, r"value\.a is a Python bytes"),
        ({"a": Colour.RED}, r"value\.a is a Python Colour"),
        ({"a": 1 << 8192}, r"value\.a is a number with too many digits"),
        (nested(MAXIMUM_DEPTH + 1), r"nested more than 64 levels deep"),
        ({"a": "é" * KIB}, r"value takes 2,057 bytes of JSON; at most 1,024 are allowed"),
        ({"a\nb": math.nan}, r"value\.a\?b is not"),
    ],
)
def test_what_cannot_be_stored_is_refused_with_its_path(value: Any, problem: str) -> None:
    with pytest.raises(InvalidInput, match=problem):
        check_json_safe(value, KIB)


def test_a_message_never_shows_the_value() -> None:
    with pytest.raises(InvalidInput) as caught:
        check_json_safe({"a": "hush\0"}, KIB, name="Changes")
    assert "hush" not in str(caught.value)
    assert str(caught.value).startswith("Changes.a ")


def test_a_value_that_contains_itself_is_refused() -> None:
    value: list[Any] = []
    value.append(value)
    with pytest.raises(InvalidInput, match="levels deep"):
        check_json_safe(value, KIB)


def test_the_deepest_allowed_value_passes() -> None:
    check_json_safe(nested(MAXIMUM_DEPTH), KIB)


@given(json_values)
def test_json_is_safe_and_survives_the_journey(value: Any) -> None:
    check_json_safe(value, KIB * KIB)
    assert json.loads(json.dumps(value)) == value


@given(st.recursive(st.from_type(object), lambda each: st.lists(each) | st.dictionaries(st.text(), each)))
def test_any_value_passes_or_is_refused(value: Any) -> None:
    try:
        check_json_safe(value, KIB)
    except InvalidInput:
        return
    assert len(json.dumps(value, allow_nan=False, ensure_ascii=False).encode()) <= KIB


@pytest.mark.parametrize(
    ("value", "words"),
    [(None, "nothing (null)"), (True, "True or False"), (1, "a number"), (1.5, "a number"), ("x", "a text"),
     ([], "a list"), ({}, "an object"), (b"", "a Python bytes")],
)  # fmt: skip
def test_a_value_is_described_by_its_kind(value: Any, words: str) -> None:
    assert describe(value) == words
