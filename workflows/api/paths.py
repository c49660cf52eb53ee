"""What stands in paths: read with advice where it is of the wrong kind."""

from __future__ import annotations

import re
import uuid

from workflows.errors import InvalidInput

_GUID = re.compile(r"\{?[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}\}?", re.IGNORECASE)
_NUMBER = re.compile(r"[0-9]{1,18}")


def guid(text: str, advice: str) -> uuid.UUID:
    """The GUID that `text` is; raises InvalidInput with `advice`."""
    if not _GUID.fullmatch(text):
        raise InvalidInput(f"'{text[:60]}' is no GUID. {advice}")
    return uuid.UUID(text)


def number(text: str, advice: str) -> int:
    """The whole number that `text` is; raises InvalidInput with `advice`."""
    if not is_number(text):
        raise InvalidInput(f"'{text[:60]}' is no whole number. {advice}")
    return int(text)


def is_number(text: str) -> bool:
    return _NUMBER.fullmatch(text) is not None
