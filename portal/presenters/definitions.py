"""A definition in one version, with the state of each step in one instance (instance_definition.html)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from portal import diagrams
from portal.presenters.next_steps import role_names, roles_of
from portal.presenters.steps import Step, steps_of, workflow_type_label
from workflows.actions import definitions
from workflows.engine import registry
from workflows.models import Definition, DefinitionVersion, StepRun
from workflows.vocabulary.statuses import StepRunStatus


@dataclass(frozen=True)
class Shown:
    """One step of the list beside the drawing; without a status the instance has not been there."""

    unique_name: str
    display_name: str
    type_label: str
    extension: str
    outputs: Mapping[str, str]
    enabled: bool
    conditions: Sequence[str]
    is_conditional: bool
    parameters: Mapping[str, Any]
    roles: Sequence[str]
    targets: Sequence[tuple[str, str]]
    status: StepRunStatus | None = None
    left_by: str = ""

    @property
    def drawn(self) -> diagrams.Step:
        return diagrams.Step(
            self.unique_name,
            self.display_name,
            self.type_label,
            self.outputs,
            self.enabled,
            self.status,
            self.left_by,
        )


def shown_steps(version: DefinitionVersion, runs: Sequence[StepRun] = ()) -> list[Shown]:
    """The version's steps in the order of the flow, without secrets, with how the last run of each stands."""
    steps = steps_of(version)
    public = {each["UniqueName"]: each for each in definitions.public_steps(version.steps)}
    names, last = role_names(list(steps.values())), {run.step_name: run for run in runs}
    return [
        _shown(step, steps, public[name]["ConfigurationParameters"], roles_of(step, names), last.get(name))
        for name, step in steps.items()
    ]


def without_configuration(steps: Iterable[Shown]) -> list[Shown]:
    """For who sees an instance and may read no definitions."""
    return [replace(step, conditions=(), parameters={}) for step in steps]


def head(definition: Definition, version: DefinitionVersion) -> dict[str, Any]:
    """What the side of the page says of the definition."""
    published = definition.published
    return {
        "name": version.display_name,
        "description": version.description,
        "type_label": workflow_type_label(definition.workflow_type),
        "version": version.number,
        "published_version": published.number if published else None,
        "keys": key_labels(definition),
    }


def key_labels(definition: Definition) -> list[str]:
    """The names of the templates, collections or alerts that it serves."""
    values = [key.value for key in definition.keys.all()]
    spec = registry.workflow_type(definition.workflow_type)
    names = spec.key_display_names(values) if spec and values else {}
    return [names.get(value, value) for value in values]


def _shown(
    step: Step,
    steps: Mapping[str, Step],
    parameters: Mapping[str, Any],
    roles: Sequence[str],
    run: StepRun | None,
) -> Shown:
    return Shown(
        unique_name=step.unique_name,
        display_name=step.display_name,
        type_label=step.type_label,
        extension=step.extension,
        outputs=step.outputs,
        enabled=step.enabled,
        conditions=step.conditions,
        is_conditional=bool(step.conditions),
        parameters={name: value for name, value in parameters.items() if value not in (None, "", [], {})},
        roles=roles,
        targets=[(output, steps[target].display_name) for output, target in step.outputs.items()],
        status=StepRunStatus(run.status) if run else None,
        left_by=run.output if run else "",
    )
