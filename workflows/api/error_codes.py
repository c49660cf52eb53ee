"""The table of error codes in `docs/error-codes.md`, made from the classes themselves (D11)."""

from __future__ import annotations

import inspect
from collections.abc import Iterator

from workflows.api.errors import STATUS
from workflows.api.http_failures import HTTP_FAILURES
from workflows.errors import DomainError

_HEAD = """\
# Error codes

Every failure of the API answers an object with `ErrorCode`, `Message` and `RequestId`. The code never changes
its meaning; the message is for people and may change; the request id finds the call in the log. `0xA…` codes
are published by the reference product, the others are our own. Refused definitions add `Problems`, a list of
every reason.

| Status | ErrorCode | Name | When |
|---|---|---|---|
"""


def document() -> str:
    """The whole page."""
    rows: list[tuple[object, ...]] = [
        (STATUS[kind.kind], kind.code, kind.__name__, _meaning(kind)) for kind in _kinds(DomainError)
    ]
    rows += HTTP_FAILURES
    lines = [
        f"| {status} | `{code}` | {name} | {meaning} |\n" for status, code, name, meaning in sorted(rows)
    ]
    return _HEAD + "".join(lines)


def _kinds(base: type[DomainError]) -> Iterator[type[DomainError]]:
    for kind in base.__subclasses__():
        yield kind
        yield from _kinds(kind)


def _meaning(kind: type[DomainError]) -> str:
    return " ".join(inspect.getdoc(kind).split())  # type: ignore[union-attr]
