"""Which values may enter the data of an instance: JSON that PostgreSQL and every known client can read."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable
from typing import Any

from workflows.errors import InvalidInput

MAXIMUM_DEPTH = 64  # nested lists and objects; `json` itself gives up near 1,000
MAXIMUM_INTEGER_BITS = 8192  # no key or serial number is longer; Python prints up to 4,300 digits

_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")  # PostgreSQL refuses NUL, UTF-8 has no lone surrogates
_KINDS: tuple[tuple[type, str], ...] = (
    (type(None), "nothing (null)"),
    (bool, "True or False"),
    (int, "a number"),
    (float, "a number"),
    (str, "a text"),
    (list, "a list"),
    (dict, "an object"),
)


def check_json_safe(value: Any, limit_bytes: int, *, name: str = "value") -> None:
    """Raise InvalidInput, naming the path that begins at `name`, unless `value` is JSON to store and send.

    Refused: types that JSON lacks (tuples and sets too), NaN and infinities, NUL and lone surrogates, empty
    keys (a published client crashes on them, api-contract.md 1.3), depth, more than `limit_bytes` of JSON.
    """
    try:
        _check(value, MAXIMUM_DEPTH)
    except _Unsafe as unsafe:
        raise InvalidInput(f"{name}{unsafe.path} {unsafe.reason}.") from None
    size = len(json.dumps(value, ensure_ascii=False).encode())
    if size > limit_bytes:
        raise InvalidInput(f"{name} takes {size:,} bytes of JSON; at most {limit_bytes:,} are allowed.")


def storable(text: str) -> str:
    """The text with a mark in place of every character that PostgreSQL or UTF-8 does not have."""
    return _UNSTORABLE.sub("\N{REPLACEMENT CHARACTER}", text)


def describe(value: Any) -> str:
    """The kind of a value in words, for messages that must not show the value itself."""
    for kind, words in _KINDS:
        if isinstance(value, kind):
            return words
    return f"a Python {type(value).__name__}"


class _Unsafe(Exception):
    """Carries the reason up; each level puts its own part before the path, so that good values cost none."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason
        self.path = ""


def _check(value: Any, depth: int) -> None:
    match value:
        case None | bool():
            return
        case str():
            _refuse(_UNSTORABLE.search(value) is not None, "holds a NUL or half of a surrogate pair")
        case int():
            _refuse(value.bit_length() > MAXIMUM_INTEGER_BITS, "is a number with too many digits")
        case float():
            _refuse(not math.isfinite(value), "is not a finite number")
        case dict():
            _check_keys(value)
            _check_items(value.items(), depth)
        case list():
            _check_items(enumerate(value), depth)
        case _:
            raise _Unsafe(f"is {describe(value)}, which JSON does not have")


def _check_keys(value: dict[Any, Any]) -> None:
    for key in value:
        _refuse(not isinstance(key, str), "has a key that is no text")
        _refuse(not key, "has an empty key")
        _refuse(_UNSTORABLE.search(key) is not None, "has a key with a NUL or half of a surrogate pair")


def _check_items(items: Iterable[tuple[str | int, Any]], depth: int) -> None:
    _refuse(depth == 0, f"is nested more than {MAXIMUM_DEPTH} levels deep")
    for key, each in items:
        try:
            _check(each, depth - 1)
        except _Unsafe as unsafe:
            unsafe.path = _part(key) + unsafe.path
            raise


def _part(key: str | int) -> str:
    if isinstance(key, int):
        return f"[{key}]"
    return "." + "".join(each if each.isprintable() else "?" for each in key[:80])


def _refuse(wrong: bool, reason: str) -> None:
    if wrong:
        raise _Unsafe(reason)
