"""JSON as it comes from outside: read once, the same way, and refused where it cannot be stored."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from typing import Any, NoReturn

from workflows.errors import MalformedBody

MAX_DEPTH = 64
_DEEP = f"is nested deeper than {MAX_DEPTH} levels. Send it flatter, or what is inside as text."
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


def parse(content: bytes, called: str = "The body") -> Any:
    """The value that `content` holds; of a repeated key the last one counts.

    Raises MalformedBody, which calls the whole by the name that it has for its sender.
    """
    try:
        value = json.loads(content.decode("utf-8-sig"), parse_constant=_refuse_number, parse_float=_finite)
        _check(value, called, 0)
    except RecursionError:
        raise MalformedBody(f"{called} {_DEEP}") from None
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        raise MalformedBody(f"{called} is not JSON: {error.msg} at {where}. Correct it there.") from None
    except UnicodeDecodeError:
        raise MalformedBody(f"{called} is not text in UTF-8. Save it in UTF-8, and send it again.") from None
    except ValueError:
        raise MalformedBody(f"{called} holds a number with too many digits. Send it as text.") from None
    return value


def _check(value: Any, place: str, depth: int) -> None:
    """PostgreSQL stores neither NUL nor half a surrogate pair; empty names break clients (contract, 1.3)."""
    if depth > MAX_DEPTH:
        raise RecursionError
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
        raise MalformedBody(f"{place} has a member with an empty name. Name it, or leave it out.")
    _check_text(name, f"A name in {place}")


def _check_text(text: str, place: str) -> None:
    if _UNSTORABLE.search(text):
        raise MalformedBody(f"{place} holds a NUL character or half of a surrogate pair. Remove it.")


def _finite(text: str) -> float:
    return number if math.isfinite(number := float(text)) else _refuse_number(text)


def _refuse_number(text: str) -> NoReturn:
    raise MalformedBody(f"{text[:20]} is no number of JSON. Send null, or the number as text.")
