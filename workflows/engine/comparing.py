"""What differs between two lists of stored steps, by meaning: ids and the order of the list say nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from workflows.engine.parameters import SEALED

Step = Mapping[str, Any]

_CONDITIONS, _PARAMETERS = "Conditions", "ConfigurationParameters"


@dataclass(frozen=True, slots=True)
class Change:
    """One field, such as `Outputs.continue`, with its values before and after; None is nothing.

    Of a secret, and of what the reader may not see, it `is_withheld` what they are.
    """

    field: str
    before: Any
    after: Any
    is_withheld: bool = False

    @property
    def document(self) -> dict[str, Any]:
        """As answers hold it."""
        return {
            "Field": self.field,
            "From": self.before,
            "To": self.after,
            "IsWithheld": self.is_withheld,
        }

    @property
    def is_configuration(self) -> bool:
        """Whether it tells how the step is configured, not only where it stands and who answers it."""
        return self.field == _CONDITIONS or self.field.startswith(f"{_PARAMETERS}.")

    def withheld(self) -> Change:
        return Change(self.field, None, None, is_withheld=True)


@dataclass(frozen=True, slots=True)
class StepChange:
    """One step that was `Added`, `Removed` or `Changed`."""

    unique_name: str
    display_name: str
    kind: str
    changes: tuple[Change, ...]

    def withheld(self) -> StepChange:
        """Which parameters and conditions changed, without their values."""
        changes = (each.withheld() if each.is_configuration else each for each in self.changes)
        return replace(self, changes=tuple(changes))

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
        _change(name, before.get(name), after.get(name))
        for name in sorted({*before, *after})
        if before.get(name) != after.get(name)
    ]


def _fields(step: Step) -> Iterator[tuple[str, Any]]:
    if not step:
        return
    yield from ((name, step[name]) for name in ("DisplayName", "Enabled", "ExtensionName"))
    yield _CONDITIONS, [condition["Value"] for condition in step["Conditions"]]
    for part in (_PARAMETERS, "Outputs"):
        yield from ((f"{part}.{name}", value) for name, value in step[part].items())
    for signal in step["Signals"]:
        yield f"Signals.{signal['SignalName']}.RoleIds", signal["RoleIds"]
        yield f"Signals.{signal['SignalName']}.RoleTokens", signal["RoleTokens"]


def _change(name: str, before: Any, after: Any) -> Change:
    change = Change(name, before, after)
    return change.withheld() if _is_secret(before) or _is_secret(after) else change


def _is_secret(value: Any) -> bool:
    return isinstance(value, Mapping) and SEALED in value
