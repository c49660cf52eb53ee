"""Making definitions and saving their steps: a version that was ever published is never changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from django.db import transaction

from workflows.access import policies
from workflows.access.actors import Actor
from workflows.actions.definitions import keys as definition_keys
from workflows.actions.definitions import revisions
from workflows.actions.definitions.publishing import check_backlog, enable
from workflows.actions.definitions.reading import latest, public_steps, record, summary
from workflows.engine import documents, registry
from workflows.engine.workflow_type import WorkflowTypeSpec
from workflows.errors import InvalidInput
from workflows.models import Definition, DefinitionVersion
from workflows.vocabulary.auditing import Operation
from workflows.vocabulary.permissions import Permission


def create(
    *,
    actor: Actor,
    display_name: str,
    description: str,
    workflow_type: str,
    keys: Sequence[str],
    enabled: bool = True,
    steps: Sequence[dict[str, Any]] = (),
) -> Definition:
    """A new definition, version 1, with no steps or with these, prepared ones. Raises InvalidInput,
    DuplicateKey."""
    policies.require(actor, Permission.WORKFLOW_DEFINITIONS_MODIFY)
    spec = type_called(workflow_type)
    _check_names(display_name)
    with transaction.atomic():
        definition = Definition.objects.create(workflow_type=spec.name, enabled=enabled)
        definition_keys.bind(definition, keys)
        definition.latest = definition.versions.create(
            number=1,
            display_name=display_name.strip(),
            description=description,
            steps=list(steps),
            created_by=actor.name,
        )
        definition.save(update_fields=["latest"])
        revisions.keep(definition, actor)
        after = summary(definition, definition.latest) | {"Steps": public_steps(steps)}
        record(Operation.Created, definition, actor, after=after)
    return definition


def update(
    guid: UUID | str,
    *,
    actor: Actor,
    display_name: str,
    description: str,
    keys: Sequence[str] | None = None,
    enabled: bool | None = None,
    force: bool = False,
    expected: str | None = None,
) -> Definition:
    """Rename, describe, rebind; a frozen latest version is followed by a new one with the same steps.

    Raises ConfirmationNeeded, unless `force`, where events wait for what an active definition now serves.
    """
    policies.require(actor, Permission.WORKFLOW_DEFINITIONS_MODIFY)
    _check_names(display_name)
    with transaction.atomic():
        definition = revisions.locked(guid, expected)
        before = summary(definition, latest(definition))
        added = definition_keys.rebind(definition, keys) if keys is not None else set()
        if enabled is not None:
            enable(definition, enabled, force)
        if added:
            check_backlog(definition, force, becomes_active=definition.is_active, keys=added)
        version = latest(definition)
        if (version.display_name, version.description) != (display_name.strip(), description):
            version = _writable(definition, actor)
            version.display_name, version.description = display_name.strip(), description
            version.save(update_fields=["display_name", "description"])
        revisions.keep(definition, actor)
        record(Operation.Updated, definition, actor, before=before, after=summary(definition, version))
    return definition


def save_steps(
    guid: UUID | str,
    steps: Sequence[Mapping[str, Any]],
    *,
    actor: Actor,
    expected: str | None = None,
    complete: bool = True,
) -> Definition:
    """Replace all steps of the latest version, or of a new one when that is frozen (PUT …/Steps).

    Unless they must be `complete`, roles and secrets may be lacking until the publication; so they may when
    steps that lacked some, as after an import, are saved one change at a time.
    """
    policies.require(actor, Permission.WORKFLOW_DEFINITIONS_MODIFY)
    with transaction.atomic():
        definition = revisions.locked(guid, expected)
        earlier = latest(definition)
        before = {"Version": earlier.number, "Steps": public_steps(earlier.steps)}
        complete = complete and documents.is_complete(definition.workflow_type, earlier.steps)
        prepared = documents.prepare(definition.workflow_type, steps, earlier.steps, complete=complete)
        version = _writable(definition, actor)
        version.steps = prepared
        version.save(update_fields=["steps"])
        revisions.keep(definition, actor)
        after = {"Version": version.number, "Steps": public_steps(prepared)}
        record(Operation.Updated, definition, actor, before=before, after=after)
    return definition


def type_called(name: str) -> WorkflowTypeSpec:
    """The workflow type with that name, in any case; raises InvalidInput, which names those there are."""
    spec = registry.workflow_type(name)
    if spec is None:
        known = ", ".join(each.name for each in registry.workflow_types())
        raise InvalidInput(f"WorkflowType '{name}' is not known; use one of {known}.")
    return spec


def _writable(definition: Definition, actor: Actor) -> DefinitionVersion:
    """The latest version, or a copy of it under the next number when it was ever published."""
    current = latest(definition)
    if current.frozen_at is None:
        return current
    definition.latest = definition.versions.create(
        number=current.number + 1,
        display_name=current.display_name,
        description=current.description,
        steps=current.steps,
        created_by=actor.name,
    )
    definition.save(update_fields=["latest"])
    return definition.latest


def _check_names(display_name: str) -> None:
    if not display_name.strip():
        raise InvalidInput("DisplayName is required.")
    if len(display_name) > 255:
        raise InvalidInput("DisplayName has at most 255 characters.")
