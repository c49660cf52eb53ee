"""What may be seen of definitions, and how their answers and audit entries describe them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet

from workflows import audit
from workflows.access import policies
from workflows.access.actors import Actor
from workflows.engine import parameters, registry
from workflows.errors import NotFound
from workflows.models import Definition, DefinitionVersion
from workflows.vocabulary.auditing import Category, Operation

Steps = list[dict[str, Any]]


def listed(*, actor: Actor) -> QuerySet[Definition]:
    """All definitions with their latest and published versions; raises PermissionMissing."""
    policies.require(actor, *policies.DEFINITION_READS)
    return Definition.objects.present().select_related("latest", "published").prefetch_related("keys")


def visible(guid: UUID | str, *, actor: Actor) -> Definition:
    """The definition with that GUID; raises PermissionMissing or NotFound."""
    return found(listed(actor=actor).filter(guid=guid).first(), guid)


def version_of(definition: Definition, number: int | None) -> DefinitionVersion:
    """The version with that number, the latest for None; raises NotFound."""
    if number is None:
        return latest(definition)
    version = definition.versions.filter(number=number).first()
    if version is None:
        newest = latest(definition)
        raise NotFound(f"'{newest.display_name}' has no version {number}; there are 1 to {newest.number}.")
    return version


def versions(guid: UUID | str, *, actor: Actor) -> list[DefinitionVersion]:
    """All versions, the latest first, each with `is_published`; raises PermissionMissing or NotFound."""
    definition = visible(guid, actor=actor)
    is_published = Q(pk=definition.published_id or 0)
    return list(definition.versions.defer("steps").annotate(is_published=is_published).order_by("-number"))


def summary(definition: Definition, version: DefinitionVersion) -> dict[str, Any]:
    """What audit entries say of a definition besides its steps."""
    return {
        "DisplayName": version.display_name,
        "Description": version.description,
        "WorkflowType": definition.workflow_type,
        "Keys": [key.value for key in definition.keys.all()],
        "Enabled": definition.enabled,
        "DraftVersion": version.number,
        "PublishedVersion": number_of(definition.published),
    }


def public_steps(steps: Sequence[Mapping[str, Any]], *, exportable: bool = False) -> Steps:
    """Stored steps as reads show them: no secrets, and no role ids when they go to another system."""
    return [_public_step(step, exportable) for step in steps]


def found(definition: Definition | None, guid: UUID | str) -> Definition:
    if definition is None:
        raise NotFound(
            f"There is no workflow definition with id {guid}; GET /Workflow/Definitions lists them."
        )
    return definition


def latest(definition: Definition) -> DefinitionVersion:
    if definition.latest is None:
        raise NotFound("The definition has no version; delete it and create it anew.")
    return definition.latest


def number_of(version: DefinitionVersion | None) -> int | None:
    return version.number if version else None


def record(operation: Operation, definition: Definition, actor: Actor, **states: Any) -> None:
    audit.record(
        operation,
        Category.WorkflowDefinition,
        actor=actor,
        name=latest(definition).display_name,
        identifier=definition.guid,
        **states,
    )


def _public_step(step: Mapping[str, Any], exportable: bool) -> dict[str, Any]:
    step_type = registry.step_type(step["ExtensionName"])
    return {
        **step,
        "ConfigurationParameters": parameters.without_secrets(step_type, step["ConfigurationParameters"]),
        "Signals": [
            {**signal, "RoleIds": [] if exportable else signal["RoleIds"]} for signal in step["Signals"]
        ],
    }
