"""How a machine waits: `Retry-After` says when to ask again, `Prefer: wait` holds the line."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response

from workflows.actions.awaited import retry_after
from workflows.api.shapes import Shape, show
from workflows.models import Instance

_WAIT = re.compile(r"(?:^|,)\s*wait\s*=\s*\"?(\d{1,6})\"?\s*(?=[,;]|$)", re.IGNORECASE)


def preferred_wait(request: Request) -> int:
    """The seconds of `Prefer: wait=N`; 0 without it, for what cannot be read is ignored (RFC 7240, 2)."""
    found = _WAIT.search(request.headers.get("Prefer", ""))
    return int(found[1]) if found else 0


def answer(shape: Shape, value: Any, context: dict[str, Any], instances: Iterable[Instance]) -> Response:
    """The answer, with `Retry-After` while one of the instances has not finished (RFC 9110, 10.2.3).

    The context may hold what a sole instance asks, as `asked`.
    """
    known = context.get("asked")
    times = [seconds for each in instances if (seconds := retry_after(each, known)) is not None]
    headers = {"Retry-After": str(min(times))} if times else {}
    return Response(show(shape, value, context), headers=headers)
