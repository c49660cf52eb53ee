"""/Workflow/Definitions: definitions and their versions (contract, 2.1)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet
from rest_framework.request import Request
from rest_framework.response import Response

from workflows.actions import definition_checks, definitions, reachability
from workflows.api import headers, paths
from workflows.api.serializers.definitions import (
    CheckedDefinition,
    Definition,
    DefinitionChoice,
    DefinitionCreate,
    DefinitionQuery,
    DefinitionUpdate,
    Force,
)
from workflows.api.serializers.failures import DefinitionFailure
from workflows.api.serializers.steps import StepRequest
from workflows.api.shapes import show
from workflows.api.shown_definitions import shown, with_roles
from workflows.api.views.base import View, operation, route
from workflows.api.views.catalogue import READ
from workflows.api.views.lists import listing
from workflows.models import Definition as DefinitionRow
from workflows.models import DefinitionVersion
from workflows.search.fields import Field, Fields
from workflows.search.kinds import Boolean, Guid
from workflows.vocabulary.permissions import Permission

MODIFY = Permission.WORKFLOW_DEFINITIONS_MODIFY
CHANGE: dict[str, Any] = {"if_match": True, "failure": DefinitionFailure, "parameters": [headers.ETAG]}
FIELDS = Fields(
    [
        Field("DisplayName", "latest__display_name"),
        Field("Enabled", "enabled", Boolean()),
        Field("Id", "guid", Guid()),
        Field("IsPublished", "is_published", Boolean()),
        Field("WorkflowType", "workflow_type"),
    ]
)


class DefinitionView(View):
    has_versions = True

    def answer(
        self, definition: DefinitionRow, version: DefinitionVersion | None = None, *, exportable: bool = False
    ) -> Response:
        """The definition in `version`, the latest by default, with the ETag that If-Match takes."""
        version = version or definitions.version_of(definition, None)
        steps = definitions.public_steps(version.steps, exportable=exportable)
        if self.api_version == 2:
            steps = with_roles(steps)
        content = show(Definition, shown(definition, version, steps), self.context)
        return Response(content, headers={"ETag": definitions.etag(definition)})


class VersionOneView(DefinitionView):
    """Operations that answer in the shapes of version 1 whatever version is asked for (contract, 2.1)."""

    has_versions = False

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        self.api_version = 1

    def warning(self, definition: DefinitionRow, warnings: Sequence[str]) -> Response:
        """The definition with what may not be meant by its steps."""
        answer = self.answer(definition)
        answer.data["Warnings"] = list(warnings)
        return answer


class Definitions(DefinitionView):
    @listing(DefinitionQuery, fields=FIELDS, sort="DisplayName", permission=READ)
    def get(self) -> QuerySet[DefinitionRow]:
        """The definitions without their steps."""
        rows = definitions.listed(actor=self.actor).defer("latest__steps", "published__steps")
        return rows.annotate(is_published=Q(published__isnull=False))

    @operation(
        body=DefinitionCreate, query=Force, answer=Definition, permission=MODIFY, parameters=[headers.ETAG]
    )
    def post(self, body: dict[str, Any], query: Mapping[str, Any]) -> Response:
        """Create a definition, still without steps."""
        return self.answer(definitions.create(actor=self.actor, **body))


class OneDefinition(DefinitionView):
    @operation(query=DefinitionChoice, answer=Definition, permission=READ, parameters=[headers.ETAG])
    def get(self, definition_id: str, query: Mapping[str, Any]) -> Response:
        """One definition in its latest or the named version."""
        definition = definitions.visible(guid(definition_id), actor=self.actor)
        version = definitions.version_of(definition, query["definition_version"])
        return self.answer(definition, version, exportable=query["exportable"])

    @operation(body=DefinitionUpdate, query=Force, answer=Definition, permission=MODIFY, **CHANGE)
    def put(
        self, definition_id: str, body: dict[str, Any], query: Mapping[str, Any], expected: str | None
    ) -> Response:
        """Rename, describe, enable, and in version 2 rebind a definition."""
        changed = definitions.update(
            guid(definition_id), actor=self.actor, expected=expected, **body, **query
        )
        return self.answer(changed)

    @operation(permission=MODIFY, if_match=True, failure=DefinitionFailure)
    def delete(self, definition_id: str, expected: str | None) -> None:
        """Delete a definition that is not global; instances keep the versions they run."""
        definitions.delete(guid(definition_id), actor=self.actor, expected=expected)


class StepsOfDefinition(VersionOneView):
    @operation(body=list[StepRequest], answer=CheckedDefinition, permission=MODIFY, **CHANGE)
    def put(self, definition_id: str, body: list[dict[str, Any]], expected: str | None) -> Response:
        """Replace all steps of the latest version, or of a new one when that was ever published."""
        changed = definitions.save_steps(guid(definition_id), body, actor=self.actor, expected=expected)
        found = definition_checks.check_version(definitions.version_of(changed, None))
        return self.warning(changed, [*found.warnings, *reachability.unreachable_secrets(body)])


class Publication(VersionOneView):
    @operation(query=Force, answer=CheckedDefinition, permission=MODIFY, **CHANGE)
    def post(
        self, definition_id: str, query: Mapping[str, Any], expected: str | None, version: str = ""
    ) -> Response:
        """Make the latest or the named version the one that new instances run."""
        number = paths.number(version, "Name a version of the definition.") if version else None
        changed = definitions.publish(
            guid(definition_id), actor=self.actor, number=number, expected=expected, **query
        )
        published = definitions.version_of(changed, number)
        return self.warning(changed, definition_checks.check_version(published).warnings)


class Status(VersionOneView):
    @operation(body=bool, query=Force, permission=MODIFY, **CHANGE)
    def put(self, definition_id: str, body: bool, query: Mapping[str, Any], expected: str | None) -> Response:
        """Enable or disable; the body is a bare true or false."""
        changed = definitions.set_enabled(
            guid(definition_id), body, actor=self.actor, expected=expected, **query
        )
        return Response(status=204, headers={"ETag": definitions.etag(changed)})


def guid(text: str) -> UUID:
    return paths.guid(text, "GET /Workflow/Definitions lists the definitions with their ids.")


routes = [
    route("Workflow/Definitions", Definitions),
    route("Workflow/Definitions/<str:definition_id>", OneDefinition),
    route("Workflow/Definitions/<str:definition_id>/Steps", StepsOfDefinition),
    route("Workflow/Definitions/<str:definition_id>/Publish", Publication),
    route("Workflow/Definitions/<str:definition_id>/Publish/<str:version>", Publication),
    route("Workflow/Definitions/<str:definition_id>/Status", Status),
]
