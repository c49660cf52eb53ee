"""The steps of a version as its stored documents say, in the order of the flow."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from graphlib import TopologicalSorter
from typing import Any

from workflows.engine import registry
from workflows.models import DefinitionVersion

_WORD = re.compile(r"(?<=[a-z])(?=[A-Z])")


@dataclass(frozen=True)
class Step:
    """One step; `role_ids` and `role_tokens` name those who may answer it."""

    unique_name: str
    display_name: str
    extension: str
    enabled: bool
    outputs: Mapping[str, str]
    conditions: tuple[str, ...]
    parameters: Mapping[str, Any]
    role_ids: tuple[int, ...]
    role_tokens: tuple[str, ...]

    @property
    def type_label(self) -> str:
        return type_label(self.extension)


def steps_of(version: DefinitionVersion) -> dict[str, Step]:
    """The version's steps by unique name, each after all that may lead to it."""
    steps = {document["UniqueName"]: _step(document) for document in version.steps}
    before: dict[str, list[str]] = {name: [] for name in steps}
    for step in steps.values():
        for target in step.outputs.values():
            before[target].append(step.unique_name)
    return {name: steps[name] for name in TopologicalSorter(before).static_order()}


def ahead(steps: Mapping[str, Step], name: str) -> list[Step]:
    """The steps that may still follow the one called `name`, in the order of `steps`."""
    reached = {name}
    for step in steps.values():
        if step.unique_name in reached:
            reached.update(step.outputs.values())
    return [step for step in steps.values() if step.unique_name in reached - {name}]


def type_label(extension: str) -> str:
    """The display name of a step type, or its extension name when it is not installed."""
    step_type = registry.step_type(extension)
    return step_type.display_name if step_type else extension


def workflow_type_label(name: str) -> str:
    """`Certificate Entered Store` for `CertificateEnteredStore`."""
    return _WORD.sub(" ", name)


def _step(document: Mapping[str, Any]) -> Step:
    signals = document.get("Signals") or []
    return Step(
        unique_name=document["UniqueName"],
        display_name=document["DisplayName"],
        extension=document["ExtensionName"],
        enabled=document.get("Enabled", True),
        outputs=document.get("Outputs") or {},
        conditions=tuple(each["Value"] for each in document.get("Conditions") or []),
        parameters=document.get("ConfigurationParameters") or {},
        role_ids=tuple(role_id for signal in signals for role_id in signal.get("RoleIds") or []),
        role_tokens=tuple(token for signal in signals for token in signal.get("RoleTokens") or []),
    )
