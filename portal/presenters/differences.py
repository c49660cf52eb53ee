"""A readable difference of two states: name by name, what it was and what it became."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Change:
    """One value for `components/changes.html`; it may be withheld what it was and became."""

    name: str
    before: Any
    after: Any
    is_withheld: bool = False


def differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Change]:
    """The values that are not the same; what is nested as `Outer.Inner`."""
    flat_before, flat_after = _flat(before), _flat(after)
    names = [*flat_after, *(name for name in flat_before if name not in flat_after)]
    return [
        Change(name, flat_before.get(name), flat_after.get(name))
        for name in names
        if flat_before.get(name) != flat_after.get(name)
    ]


def _flat(state: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in state.items():
        nested = _named(value)
        if nested:
            found |= _flat(nested, f"{prefix}{name}.")
        else:
            found[f"{prefix}{name}"] = value
    return found


def _named(value: Any) -> Mapping[str, Any]:
    """The parts of a mapping, or of a list of steps by their names; nothing for a plain value."""
    if isinstance(value, Mapping):
        return value
    if isinstance(value, list) and value and all(isinstance(each, Mapping) for each in value):
        names = [each.get("UniqueName") for each in value]
        return dict(zip(names, value, strict=True)) if all(isinstance(name, str) for name in names) else {}
    return {}
