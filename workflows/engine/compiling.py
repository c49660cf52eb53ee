"""Frozen versions made ready to run, kept per process by id.

Only versions that can never change again are kept, so the cache needs no invalidation; roles and their
members are always read live.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from workflows.engine import graph, parameters, registry
from workflows.engine.contracts import Parameter, StepType
from workflows.engine.expressions.tokens import find_tokens
from workflows.engine.workflow_type import WorkflowTypeSpec
from workflows.models import DefinitionVersion
from workflows.vocabulary.parameters import ParameterType


@dataclass(frozen=True, slots=True)
class CompiledSignal:
    name: str
    guid: uuid.UUID
    role_ids: tuple[int, ...]
    role_tokens: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CompiledStep:
    guid: uuid.UUID
    unique_name: str
    display_name: str
    type: StepType
    enabled: bool
    conditions: tuple[str, ...]
    fixed: Mapping[str, Any]  # parameters that never vary, defaults included
    rendered: tuple[tuple[Parameter, Any], ...]  # parameters with tokens
    secret: tuple[tuple[Parameter, Any], ...]
    signals: tuple[CompiledSignal, ...]
    outputs: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class CompiledVersion:
    id: int
    definition_id: int
    number: int
    workflow_type: str
    spec: WorkflowTypeSpec
    definition_name: str
    first: str
    steps: Mapping[str, CompiledStep]
    fault: str = ""  # why it cannot run


_compiled: dict[int, CompiledVersion] = {}


def compiled(version_id: int) -> CompiledVersion:
    """The version with that id, ready to run; raises DoesNotExist or LookupError for an unknown extension."""
    found = _compiled.get(version_id)
    if found is None:
        version = DefinitionVersion.objects.select_related("definition").get(pk=version_id)
        found = compile_version(version)
        if version.frozen_at is not None:
            _compiled[version_id] = found
    return found


def compile_version(version: DefinitionVersion) -> CompiledVersion:
    first = graph.first_step(version.steps)
    spec = registry.workflow_type(version.definition.workflow_type)
    if first is None or spec is None:
        raise LookupError(f"Version {version.number} of '{version.display_name}' has no steps that can run.")
    return CompiledVersion(
        id=version.pk,
        definition_id=version.definition_id,
        number=version.number,
        workflow_type=spec.name,
        spec=spec,
        definition_name=version.display_name,
        first=first["UniqueName"],
        steps={step["UniqueName"]: _compile_step(step) for step in version.steps},
    )


def unusable(version_id: int, fault: str) -> CompiledVersion:
    """What stands for a version that cannot run any more: it has no steps, so its instances fail."""
    return CompiledVersion(
        id=version_id,
        definition_id=0,
        number=0,
        workflow_type="",
        spec=WorkflowTypeSpec(),
        definition_name="",
        first="",
        steps={},
        fault=fault,
    )


def _compile_step(step: Mapping[str, Any]) -> CompiledStep:
    step_type = registry.step_type(step["ExtensionName"])
    if step_type is None:
        raise LookupError(f"Step '{step['UniqueName']}': {step['ExtensionName']} is not installed.")
    values = parameters.with_defaults(step_type, step["ConfigurationParameters"])
    kinds = _sorted_by_kind(step_type, values)
    return CompiledStep(
        guid=uuid.UUID(step["Id"]),
        unique_name=step["UniqueName"],
        display_name=step["DisplayName"],
        type=step_type,
        enabled=step["Enabled"],
        conditions=tuple(each["Value"] for each in step["Conditions"]),
        signals=tuple(_compile_signal(each) for each in step["Signals"]),
        outputs=step["Outputs"],
        **kinds,
    )


def _sorted_by_kind(step_type: StepType, values: Mapping[str, Any]) -> dict[str, Any]:
    fixed: dict[str, Any] = {}
    rendered, secret = [], []
    for parameter in step_type.parameters:
        value = values[parameter.name]
        place = step_type.place(parameter, values)
        if parameter.type is ParameterType.Secret:
            secret.append((parameter, value))
        elif place is not None and _has_tokens(value):
            rendered.append((replace(parameter, place=place), value))
        else:
            fixed[parameter.name] = value
    return {"fixed": fixed, "rendered": tuple(rendered), "secret": tuple(secret)}


def _has_tokens(value: Any) -> bool:
    if isinstance(value, str):
        return bool(find_tokens(value))
    if isinstance(value, Mapping):
        return any(_has_tokens(each) for each in value.values())
    return isinstance(value, list) and any(_has_tokens(each) for each in value)


def _compile_signal(signal: Mapping[str, Any]) -> CompiledSignal:
    return CompiledSignal(
        name=signal["SignalName"],
        guid=uuid.UUID(signal["Id"]),
        role_ids=tuple(signal["RoleIds"]),
        role_tokens=tuple(signal["RoleTokens"]),
    )
