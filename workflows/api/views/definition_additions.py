"""Our additions to /Workflow/Definitions: versions, comparison, copy, export, import, checks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from rest_framework.response import Response

from workflows.actions import definition_checks, definition_copies, definitions
from workflows.api.headers import ETAG
from workflows.api.serializers.definition_additions import (
    Compared,
    Comparison,
    CopyRequest,
    ExportChoice,
    ExportedDefinition,
    Findings,
    ImportChoice,
    ImportedDefinition,
    ImportRequest,
    ValidateRequest,
    VersionRow,
)
from workflows.api.serializers.definitions import Definition
from workflows.api.serializers.failures import DefinitionFailure
from workflows.api.views.base import View, operation, route
from workflows.api.views.catalogue import READ
from workflows.api.views.definitions import MODIFY, DefinitionView, guid
from workflows.engine.comparing import Change, StepChange, compare, differences
from workflows.models import DefinitionVersion


@dataclass(frozen=True, slots=True)
class Difference:
    """What is not the same in two versions of a definition."""

    earlier: DefinitionVersion
    later: DefinitionVersion

    @property
    def changes(self) -> list[Change]:
        return differences(_texts(self.earlier), _texts(self.later))

    @property
    def steps(self) -> list[StepChange]:
        return compare(self.earlier.steps, self.later.steps)


def _texts(version: DefinitionVersion) -> dict[str, str]:
    return {"DisplayName": version.display_name, "Description": version.description}


class Versions(View):
    @operation(answer=list[VersionRow], permission=READ)
    def get(self, definition_id: str) -> list[DefinitionVersion]:
        """Every version of a definition, the latest first, without its steps."""
        return definitions.versions(guid(definition_id), actor=self.actor)


class Compare(View):
    @operation(query=Compared, answer=Comparison, permission=READ)
    def get(self, definition_id: str, query: Mapping[str, Any]) -> Difference:
        """What differs between two versions: steps, conditions, parameters, outputs, roles."""
        definition = definitions.visible(guid(definition_id), actor=self.actor)
        earlier, later = (definitions.version_of(definition, query[name]) for name in ("from", "to"))
        return Difference(earlier, later)


class Copy(DefinitionView):
    @operation(body=CopyRequest, answer=Definition, permission=MODIFY, parameters=[ETAG])
    def post(self, definition_id: str, body: dict[str, Any]) -> Response:
        """A new draft with the same steps and secrets, and only the keys that are given."""
        number = body.pop("definition_version")
        return self.answer(
            definition_copies.copy(guid(definition_id), actor=self.actor, number=number, **body)
        )


class Export(View):
    @operation(query=ExportChoice, answer=ExportedDefinition, permission=READ)
    def get(self, definition_id: str, query: Mapping[str, Any]) -> dict[str, Any]:
        """A definition for another system: without secrets, with the names of roles."""
        definition = definitions.visible(guid(definition_id), actor=self.actor)
        version = definitions.version_of(definition, query["definition_version"])
        return definition_copies.exported(definition, version)


class Import(DefinitionView):
    @operation(
        body=ImportRequest,
        query=ImportChoice,
        answer=ImportedDefinition,
        permission=MODIFY,
        failure=DefinitionFailure,
        parameters=[ETAG],
    )
    def post(self, body: dict[str, Any], query: Mapping[str, Any]) -> Response:
        """A new draft from an export or from what GET answers; what it still needs is in Problems, what may
        not be meant in Warnings."""
        keys = body.pop("keys") if query["keep_keys"] else body.pop("keys")[:0]
        made = definition_copies.import_(actor=self.actor, keys=keys, **body)
        answer = self.answer(made)
        steps = definitions.version_of(made, None).steps
        found = definition_checks.check(made.workflow_type, steps, steps)
        answer.data["Problems"] = list(found.errors)
        answer.data["Warnings"] = [*definition_copies.roles_by_id(body["steps"]), *found.warnings]
        return answer


class Validate(View):
    @operation(body=ValidateRequest, answer=Findings, permission=READ)
    def post(self, body: dict[str, Any]) -> definition_checks.Findings:
        """What publishing these steps would refuse, and what it would warn of; nothing is stored."""
        workflow_type = definitions.type_called(body["workflow_type"]).name
        earlier: list[dict[str, Any]] = []
        if body["id"]:
            definition = definitions.visible(body["id"], actor=self.actor)
            earlier = definitions.version_of(definition, None).steps
        return definition_checks.validate(workflow_type, body["steps"], actor=self.actor, earlier=earlier)


routes = [
    route("Workflow/Definitions/Import", Import),
    route("Workflow/Definitions/Validate", Validate),
    route("Workflow/Definitions/<str:definition_id>/Versions", Versions),
    route("Workflow/Definitions/<str:definition_id>/Compare", Compare),
    route("Workflow/Definitions/<str:definition_id>/Copy", Copy),
    route("Workflow/Definitions/<str:definition_id>/Export", Export),
]
