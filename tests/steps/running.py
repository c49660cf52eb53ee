"""Running one step of a type through the engine, between start and end."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from tests import builders
from workflows.engine import documents
from workflows.errors import InvalidDefinition
from workflows.models import Instance, StepRun
from workflows.vocabulary.workflow_types import WorkflowType

NAME = "Tested"


def run_step(
    extension: str,
    parameters: Mapping[str, Any],
    data: Mapping[str, Any] | None = None,
    workflow_type: WorkflowType = WorkflowType.Expiration,
    **fields: Any,
) -> Instance:
    """The instance after a workflow with this one step has run as far as it goes."""
    step = builders.step(extension, NAME, ConfigurationParameters=dict(parameters))
    return builders.run(builders.publish(builders.chain(step), workflow_type), data, **fields)


def runs_of(instance: Instance) -> list[StepRun]:
    """The attempts at the step, oldest first."""
    return list(StepRun.objects.filter(instance=instance, step_name=NAME).order_by("id"))


def problems_of(extension: str, parameters: Mapping[str, Any]) -> str:
    """Why a definition with this step cannot be saved."""
    step = builders.step(extension, NAME, ConfigurationParameters=dict(parameters))
    with pytest.raises(InvalidDefinition) as caught:
        documents.prepare(WorkflowType.Expiration, builders.chain(step))
    assert f"Step '{NAME}'" in str(caught.value)
    return str(caught.value)
