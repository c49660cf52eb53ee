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

    @property
    def document(self) -> dict[str, Any]:
        """As answers hold it."""
        return {"Field": self.field, "From": self.before, "To": self.after}


@dataclass(frozen=True, slots=True)
class StepChange:
    """One step that was `Added`, `Removed` or `Changed`."""

    unique_name: str
    display_name: str
    kind: str
    changes: tuple[Change, ...]

    @property
    def document(self) -> dict[str, Any]:
        return {
            "UniqueName": self.unique_name,
            "DisplayName": self.display_name,
            "Kind": self.kind,
            "Changes": [change.document for change in self.changes],
        }


def compare(before: Sequence[Step], after: Sequence[Step]) -> list[StepChange]:
    """The steps that are not the same in both, matched by UniqueName; those of `after` first."""
    old, new = ({step["UniqueName"]: step for step in steps} for steps in (before, after))
    names = [*new, *(name for name in old if name not in new)]
    found = [_step_change(old.get(name), new.get(name)) for name in names]
    return [each for each in found if each.changes]


def _step_change(before: Step | None, after: Step | None) -> StepChange:
    step = after or before or {}
    kind = "Added" if before is None else "Removed" if after is None else "Changed"
    changes = differences(dict(_fields(before or {})), dict(_fields(after or {})))
    return StepChange(step["UniqueName"], step["DisplayName"], kind, tuple(changes))


def differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Change]:
    """The values that are not the same, by name."""
    return [
        Change(name, _shown(before.get(name)), _shown(after.get(name)))
        for name in sorted({*before, *after})
        if before.get(name) != after.get(name)
    ]


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
