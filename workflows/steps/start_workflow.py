"""Start Workflow: begins an instance of another definition, once, and goes on without waiting for it."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from workflows.engine import registry, starting
from workflows.engine.contracts import (
    Continue,
    Effects,
    Fail,
    Outcome,
    Parameter,
    Query,
    StepContext,
    StepType,
)
from workflows.engine.expressions.places import Place
from workflows.engine.registry import register_step
from workflows.engine.starting import Seed
from workflows.models import Definition, InstanceRecord
from workflows.vocabulary.parameters import ControlType, ParameterType
from workflows.vocabulary.workflow_types import WorkflowType

# Their instances belong to a request, which their own actions make and check.
NEED_REQUEST = frozenset({WorkflowType.Enrollment, WorkflowType.Revocation})
DEEPEST = 10  # workflows that start each other; more is a circle
CHAIN = "StartedBy"  # in the data: the GUIDs of those that led here, the first one first


@register_step
class StartWorkflow(StepType):
    extension_name = "StartWorkflow"
    display_name = "Start Workflow"
    summary = "Starts an instance of another definition and does not wait for it."
    effects = Effects.TRANSACTIONAL
    parameters = (
        Parameter(
            "DefinitionId",
            "Definition",
            required=True,
            query=Query("/Workflow/Definitions", "Id"),
            help="One that is active when the step runs; documents name it by its id.",
        ),
        Parameter(
            "InitialData",
            "Initial data",
            ParameterType.StringMap,
            ControlType.Map,
            default={},
            place=Place.VALUE,
            help="What the new instance begins with. A value that is just one token keeps its type.",
        ),
    )

    def sets(self, name: str, parameters: Mapping[str, Any]) -> frozenset[str]:
        return frozenset({f"{name}_instance"})

    def problems(self, parameters: Mapping[str, Any]) -> list[str]:
        definition = _definition(parameters["DefinitionId"])
        if definition is None:
            given = parameters["DefinitionId"]
            return [f"names the definition {given}, which does not exist; choose one that does."]
        if definition.workflow_type in NEED_REQUEST:
            kind = definition.workflow_type
            return [f"cannot start a workflow of type {kind}, which begins with a request."]
        return []

    def run(self, context: StepContext) -> Outcome:
        definition = _definition(context.parameters["DefinitionId"])
        if definition is None or not definition.enabled or definition.published is None:
            return Fail("the definition to start is not active; publish and enable it")
        chain = [*context.data.get(CHAIN, []), str(context.instance.guid)]
        if len(chain) > DEEPEST:
            return Fail(f"more than {DEEPEST} workflows have started one another")
        seed = _seed(context, definition, {**context.parameters["InitialData"], CHAIN: chain})
        started = starting.start(definition.published, seed, now=context.now)
        return Continue({f"{context.step.unique_name}_instance": str(started.guid)})


def _seed(context: StepContext, definition: Definition, data: Mapping[str, Any]) -> Seed:
    """The same people as of the instance that starts it, and a GUID that can be taken only once."""
    record = InstanceRecord.objects.get(pk=context.instance.id)
    spec = registry.workflow_type(definition.workflow_type)
    user_name = record.initiating_user_name
    return Seed(
        title=spec.title(user_name, data) if spec else "",
        initiating_user_name=user_name,
        initiator_id=context.instance.initiator_id,
        restarted_by_id=record.restarted_by_id,
        data=data,
        guid=context.idempotency_key or uuid.uuid4(),
    )


def _definition(guid: str) -> Definition | None:
    try:
        rows = Definition.objects.present().select_related("published")
        return rows.filter(guid=uuid.UUID(guid)).first()
    except ValueError:
        return None
