"""Keys of the types whose objects are known by number only: their shape is checked, they name themselves."""

from __future__ import annotations

import re

from workflows.errors import InvalidInput

_ID = re.compile(r"[1-9][0-9]{0,17}")
_STORE_KEY = re.compile(rf"({_ID.pattern})(?::({_ID.pattern}))?")


def is_id(key: str) -> bool:
    """Whether it is an id in its one spelling: no sign, no blank, no leading zero, no digit beyond ASCII."""
    return _ID.fullmatch(key) is not None


def id_key(key: str, of_what: str) -> str:
    """`key` when it can be the id of such an object; raises InvalidInput."""
    if not is_id(key):
        raise InvalidInput(f"Key '{key}' must be the id of {of_what}, a whole number.")
    return key


def store_name(key: str) -> str:
    """What `<store type id>` or `<store type id>:<container id>` means, in words; raises InvalidInput."""
    found = _STORE_KEY.fullmatch(key)
    if found is None:
        raise InvalidInput(
            f"Key '{key}' must be the id of a store type, or of type and container as in 3:12."
        )
    store_type, container = found.groups()
    return f"Store type {store_type}, container {container}" if container else f"Store type {store_type}"
