"""What differs between two versions of a definition, step by step."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from portal.presenters.differences import Change, differences
from workflows.actions import definitions
from workflows.models import DefinitionVersion


@dataclass(frozen=True)
class StepChange:
    """One step that was added, removed or changed; `kind` says which."""

    kind: str
    name: str
    changes: list[Change]


def compare(earlier: DefinitionVersion, later: DefinitionVersion) -> list[StepChange]:
    """The steps that are not the same in both, secrets left out; those of the later version first."""
    before, after = _by_name(earlier), _by_name(later)
    names = [*after, *(name for name in before if name not in after)]
    found = [_change(name, before.get(name), after.get(name)) for name in names]
    return [change for change in found if change.changes]


def _change(name: str, before: Mapping[str, Any] | None, after: Mapping[str, Any] | None) -> StepChange:
    kind = "added" if before is None else "removed" if after is None else "changed"
    shown = (after or before or {}).get("DisplayName") or name
    return StepChange(kind, shown, differences(before or {}, after or {}))


def _by_name(version: DefinitionVersion) -> dict[str, dict[str, Any]]:
    return {step["UniqueName"]: _flat(step) for step in definitions.public_steps(version.steps)}


def _flat(step: Mapping[str, Any]) -> dict[str, Any]:
    """Without ids, with parameters and outputs as values of their own."""
    signals = step.get("Signals") or []
    return {
        "DisplayName": step["DisplayName"],
        "ExtensionName": step["ExtensionName"],
        "Enabled": step["Enabled"],
        "Conditions": [each["Value"] for each in step.get("Conditions") or []],
        "RoleIds": [role for signal in signals for role in signal["RoleIds"]],
        "RoleTokens": [token for signal in signals for token in signal["RoleTokens"]],
        "Outputs": step["Outputs"],
        **step["ConfigurationParameters"],
    }
