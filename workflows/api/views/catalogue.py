"""What definitions can be made of: /Workflow/Definitions/Types and /Workflow/Definitions/Steps."""

from __future__ import annotations

from workflows.access import policies
from workflows.api.serializers.catalogue import AvailableStep, AvailableStepQuery, Token, WorkflowType
from workflows.api.views.base import View, operation, route
from workflows.api.views.lists import listing
from workflows.engine import registry
from workflows.engine.contracts import StepType
from workflows.engine.workflow_type import WorkflowTypeSpec
from workflows.errors import NotFound
from workflows.search.fields import Field, Fields
from workflows.vocabulary.tokens import Token as TokenMeaning

READ = policies.DEFINITION_READS
TYPE_FIELDS = Fields([Field("Name", "name"), Field("WorkflowType", "name", searchable=False)])
STEP_FIELDS = Fields(
    [
        Field("DisplayName", "display_name"),
        Field("ExtensionName", "extension_name"),
        Field("SupportedWorkflowTypes", "supported_types", sortable=False),
    ]
)


class WorkflowTypes(View):
    @listing(WorkflowType, fields=TYPE_FIELDS, sort="WorkflowType", permission=READ)
    def get(self) -> list[WorkflowTypeSpec]:
        """The workflow types, with the data that their tokens read and the step that is always there."""
        return registry.workflow_types()


class Tokens(View):
    @operation(answer=list[Token], permission=READ)
    def get(self, workflow_type: str) -> list[TokenMeaning]:
        """What a workflow type brings to the tokens of its steps, with descriptions; our addition."""
        spec = registry.workflow_type(workflow_type)
        if spec is None:
            raise NotFound(
                f"There is no workflow type {workflow_type}; GET /Workflow/Definitions/Types lists them."
            )
        return spec.tokens


class Steps(View):
    @listing(AvailableStepQuery, fields=STEP_FIELDS, sort="DisplayName", permission=READ)
    def get(self) -> list[StepType]:
        """The step types, with their parameters and signals."""
        return registry.step_types()


class Step(View):
    @operation(answer=AvailableStep, permission=READ)
    def get(self, extension_name: str) -> StepType:
        """One step type by its ExtensionName, in any case."""
        step_type = registry.step_type(extension_name)
        if step_type is None:
            raise NotFound(
                f"There is no step type {extension_name}; GET /Workflow/Definitions/Steps lists them."
            )
        return step_type


routes = [
    route("Workflow/Definitions/Types", WorkflowTypes),
    route("Workflow/Definitions/Types/<str:workflow_type>/Tokens", Tokens),
    route("Workflow/Definitions/Steps", Steps),
    route("Workflow/Definitions/Steps/<str:extension_name>", Step),
]
