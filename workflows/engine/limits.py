"""How much one step of a definition may hold; more is a mistake or an attack, and is looked at no further."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

CONDITIONS = 20
ALL_CONDITIONS = 1_000  # of a definition: the sandbox reads each that is an expression
SIGNALS = 10
ROLES = 100  # of one signal, tokens included
OUTPUTS = 20
PARAMETERS = 100
ENTRIES = 100  # of a list or map in a parameter, those of lists inside it included


def excess_of_all(given: Sequence[Mapping[str, Any]]) -> list[str]:
    """The same for all steps of a definition."""
    count = sum(_size(_folded(step).get("conditions")) for step in given)
    every = [f"The definition {text}" for text in _check("conditions", count, ALL_CONDITIONS)]
    return [text for step in given for text in excess(step)] or every


def excess(given: Mapping[str, Any]) -> list[str]:
    """What is too much of a step as it is sent, names in any case; each sentence names the step."""
    step = _folded(given)
    name = str(step.get("uniquename") or "")[:128]
    return [f"Step '{name}' {text}" for text in _excess(step)]


def _excess(step: Mapping[str, Any]) -> Iterator[str]:
    yield from _check("conditions", _size(step.get("conditions")), CONDITIONS)
    yield from _check("outputs", _size(step.get("outputs")), OUTPUTS)
    signals, values = step.get("signals"), step.get("configurationparameters")
    yield from _check("signals", _size(signals), SIGNALS)
    for signal in signals if isinstance(signals, list) else []:
        fields = _folded(signal) if isinstance(signal, Mapping) else {}
        roles = [_size(fields.get(each)) for each in ("roleids", "roletokens", "roles")]
        yield from _check("roles in a signal", sum(roles), ROLES)
    yield from _check("parameters", _size(values), PARAMETERS)
    for name, value in values.items() if isinstance(values, Mapping) else []:
        yield from _check(f"entries in the parameter {str(name)[:128]}", _entries(value), ENTRIES)


def _check(what: str, count: int, limit: int) -> Iterator[str]:
    if count > limit:
        yield f"has {count:,} {what}; {limit:,} are allowed."


def _entries(value: Any) -> int:
    inner = value.values() if isinstance(value, Mapping) else value if isinstance(value, list) else []
    return _size(value) + sum(map(_size, inner))


def _size(value: Any) -> int:
    return len(value) if isinstance(value, Mapping | list) else 0


def _folded(given: Mapping[str, Any]) -> dict[str, Any]:
    return {str(name).casefold(): value for name, value in given.items()}
