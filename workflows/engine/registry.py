"""The step types and workflow types that are installed; filled when Django starts, read-only afterwards."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from workflows.engine.contracts import StepType
from workflows.engine.workflow_type import Alias, WorkflowTypeSpec

_steps: dict[str, StepType] = {}
_workflow_types: dict[str, WorkflowTypeSpec] = {}


def register_step(step_type: type[StepType]) -> type[StepType]:
    """Class decorator: offer a step type under its extension name. Raises RuntimeError for a second one."""
    _add(_steps, step_type.extension_name, step_type())
    return step_type


def register_workflow_type(spec: type[WorkflowTypeSpec]) -> type[WorkflowTypeSpec]:
    _add(_workflow_types, spec.name, spec())
    return spec


def step_type(extension_name: str) -> StepType | None:
    """The step type with that name, matched without case (D13)."""
    return _steps.get(extension_name.casefold())


def step_types() -> list[StepType]:
    return sorted(_steps.values(), key=lambda each: each.display_name)


def workflow_type(name: str) -> WorkflowTypeSpec | None:
    return _workflow_types.get(name.casefold())


def aliases(workflow_type_name: str) -> Mapping[str, Alias]:
    """The tokens of a workflow type that are no names of its data."""
    spec = workflow_type(workflow_type_name)
    return spec.aliases if spec else {}


def workflow_types() -> list[WorkflowTypeSpec]:
    return sorted(_workflow_types.values(), key=lambda each: each.name)


def _add(table: dict[str, Any], name: str, entry: object) -> None:
    if table.setdefault(name.casefold(), entry) is not entry:
        raise RuntimeError(f"Two extensions are called {name}; rename one.")
