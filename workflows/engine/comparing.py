"""What differs between two lists of stored steps, by meaning: ids and the order of the list say nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from workflows.engine.parameters import SEALED

Step = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Change:
    """One field, such as `Outputs.continue`, with its values before and after; of a secret both are null."""

    field: str
    before: Any
    after: Any


@dataclass(frozen=True, slots=True)
class StepChange:
    """One step that was `Added`, `Removed` or `Changed`."""

    unique_name: str
    display_name: str
    kind: str
    changes: tuple[Change, ...]


def compare(before: Sequence[Step], after: Sequence[Step]) -> list[StepChange]:
    """The steps that are not the same in both, matched by UniqueName; those of `after` first."""
    old, new = ({step["UniqueName"]: step for step in steps} for steps in (before, after))
    names = [*new, *(name for name in old if name not in new)]
    found = [_step_change(old.get(name), new.get(name)) for name in names]
    return [each for each in found if each.changes]


def _step_change(before: Step | None, after: Step | None) -> StepChange:
    step = after or before or {}
    kind = "Added" if before is None else "Removed" if after is None else "Changed"
    changes = tuple(_changes(before or {}, after or {}))
    return StepChange(step["UniqueName"], step["DisplayName"], kind, changes)


def _changes(before: Step, after: Step) -> Iterator[Change]:
    old, new = dict(_fields(before)), dict(_fields(after))
    for field in sorted(old | new):
        if old.get(field) != new.get(field):
            yield Change(field, _shown(old.get(field)), _shown(new.get(field)))


def _fields(step: Step) -> Iterator[tuple[str, Any]]:
    if not step:
        return
    yield from ((name, step[name]) for name in ("DisplayName", "Enabled", "ExtensionName"))
    yield "Conditions", [condition["Value"] for condition in step["Conditions"]]
    for part in ("ConfigurationParameters", "Outputs"):
        yield from ((f"{part}.{name}", value) for name, value in step[part].items())
    for signal in step["Signals"]:
        yield f"Signals.{signal['SignalName']}.RoleIds", signal["RoleIds"]
        yield f"Signals.{signal['SignalName']}.RoleTokens", signal["RoleTokens"]


def _shown(value: Any) -> Any:
    return None if isinstance(value, Mapping) and SEALED in value else value
