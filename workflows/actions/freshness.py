"""Nobody overwrites what he has not seen: forms and callers name the state that they were shown."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from django.utils.http import parse_etags

from workflows.errors import VersionConflict


def etag_of(summary: Mapping[str, Any]) -> str:
    """What `If-Match` must name for a thing in this state (RFC 9110, 13.1.1)."""
    text = json.dumps(summary, sort_keys=True, default=str)
    return f'"{hashlib.sha256(text.encode()).hexdigest()[:32]}"'


def check_seen(expected: str | None, summary: Mapping[str, Any]) -> None:
    """Refuse a change of what has changed since; None changes it whatever it is. Raises VersionConflict."""
    if expected is not None and not names(expected, etag_of(summary)):
        raise VersionConflict("Somebody has changed it meanwhile; look at it again and repeat your change.")


def names(expected: str, tag: str) -> bool:
    """Whether `expected`, one ETag or several with commas, names the state of this one."""
    return tag in parse_etags(expected)
