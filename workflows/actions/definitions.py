"""Definitions and their versions: create, rename, save, publish, enable, delete (reference: 1)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from workflows import audit
from workflows.access import policies
from workflows.access.actors import Actor
from workflows.actions import definition_checks
from workflows.engine import documents, events, parameters, registry
from workflows.errors import (
    ConfirmationNeeded,
    DuplicateKey,
    InvalidDefinition,
    InvalidInput,
    NotFound,
    Protected,
    VersionConflict,
)
from workflows.models import Definition, DefinitionKey, DefinitionVersion
from workflows.vocabulary.auditing import Category, Operation
from workflows.vocabulary.permissions import Permission

Steps = list[dict[str, Any]]


def listed(*, actor: Actor) -> QuerySet[Definition]:
    """All definitions with their latest and published versions; raises PermissionMissing."""
    policies.require(actor, Permission.WORKFLOW_DEFINITIONS_READ, Permission.WORKFLOW_DEFINITIONS_MODIFY)
    return Definition.objects.present().select_related("latest", "published").prefetch_related("keys")


def visible(guid: UUID | str, *, actor: Actor) -> Definition:
    """The definition with that GUID; raises PermissionMissing or NotFound."""
    return _found(listed(actor=actor).filter(guid=guid).first(), guid)


def version_of(definition: Definition, number: int | None) -> DefinitionVersion:
    """The version with that number, the latest for None; raises NotFound."""
    if number is None:
        return _latest(definition)
    version = definition.versions.filter(number=number).first()
    if version is None:
        raise NotFound(f"'{_latest(definition).display_name}' has no version {number}.")
    return version


def versions(guid: UUID | str, *, actor: Actor) -> list[DefinitionVersion]:
    """All versions, the latest first, each with `is_published`; raises PermissionMissing or NotFound."""
    definition = visible(guid, actor=actor)
    is_published = Q(pk=definition.published_id or 0)
    return list(definition.versions.defer("steps").annotate(is_published=is_published).order_by("-number"))


def create(
    *,
    actor: Actor,
    display_name: str,
    description: str,
    workflow_type: str,
    keys: Sequence[str],
    enabled: bool = True,
) -> Definition:
    """A new definition without steps, version 1. Raises InvalidInput, DuplicateKey."""
    policies.require(actor, Permission.WORKFLOW_DEFINITIONS_MODIFY)
    spec = registry.workflow_type(workflow_type)
    if spec is None:
        known = ", ".join(each.name for each in registry.workflow_types())
        raise InvalidInput(f"WorkflowType '{workflow_type}' is not known; use one of {known}.")
    _check_names(display_name)
    with transaction.atomic():
        definition = Definition.objects.create(workflow_type=spec.name, enabled=enabled)
        _set_keys(definition, keys)
        version = definition.versions.create(
            number=1, display_name=display_name.strip(), description=description, created_by=actor.name
        )
        definition.latest = version
        definition.save(update_fields=["latest"])
        _audit(Operation.Created, definition, actor, after=summary(definition, version))
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
    """Rename, describe, rebind; a frozen latest version is followed by a new one with the same steps."""
    policies.require(actor, Permission.WORKFLOW_DEFINITIONS_MODIFY)
    _check_names(display_name)
    with transaction.atomic():
        definition = _locked(guid, expected)
        before = summary(definition, _latest(definition))
        if keys is not None:
            _rebind(definition, keys)
        if enabled is not None:
            _set_enabled(definition, enabled, force)
        version = _latest(definition)
        if (version.display_name, version.description) != (display_name.strip(), description):
            version = _writable(definition, actor)
            version.display_name, version.description = display_name.strip(), description
            version.save(update_fields=["display_name", "description"])
        _audit(Operation.Updated, definition, actor, before=before, after=summary(definition, version))
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
        definition = _locked(guid, expected)
        earlier = _latest(definition)
        before = {"Version": earlier.number, "Steps": public_steps(earlier.steps)}
        complete = complete and documents.is_complete(definition.workflow_type, earlier.steps)
        prepared = documents.prepare(definition.workflow_type, steps, earlier.steps, complete=complete)
        version = _writable(definition, actor)
        version.steps = prepared
        version.save(update_fields=["steps"])
        after = {"Version": version.number, "Steps": public_steps(prepared)}
        _audit(Operation.Updated, definition, actor, before=before, after=after)
    return definition


def publish(
    guid: UUID | str,
    *,
    actor: Actor,
    number: int | None = None,
    force: bool = False,
    expected: str | None = None,
) -> Definition:
    """Make the latest version, or version `number`, the one that new instances run; frozen from now on."""
    policies.require(actor, Permission.WORKFLOW_DEFINITIONS_MODIFY)
    with transaction.atomic():
        definition = _locked(guid, expected)
        version = version_of(definition, number)
        before = {"PublishedVersion": _number(definition.published)}
        _freeze(definition, version)
        if definition.published is None:
            _check_backlog(definition, force, becomes_active=definition.enabled)
        definition.published = version
        definition.save(update_fields=["published"])
        after = {"PublishedVersion": version.number}
        _audit(Operation.Published, definition, actor, before=before, after=after)
    return definition


def set_enabled(
    guid: UUID | str, enabled: bool, *, actor: Actor, force: bool = False, expected: str | None = None
) -> Definition:
    """Enable or disable; a global definition stays enabled (409)."""
    policies.require(actor, Permission.WORKFLOW_DEFINITIONS_MODIFY)
    with transaction.atomic():
        definition = _locked(guid, expected)
        before = {"Enabled": definition.enabled}
        _set_enabled(definition, enabled, force)
        operation = Operation.Enabled if enabled else Operation.Disabled
        _audit(operation, definition, actor, before=before, after={"Enabled": enabled})
    return definition


def delete(guid: UUID | str, *, actor: Actor, expected: str | None = None) -> None:
    """Delete; versions that instances use stay readable for them. Raises Protected for a global one."""
    policies.require(actor, Permission.WORKFLOW_DEFINITIONS_MODIFY)
    with transaction.atomic():
        definition = _locked(guid, expected)
        if definition.is_global:
            raise Protected("A global definition cannot be deleted; edit its steps instead.")
        before = summary(definition, _latest(definition))
        definition.keys.all().delete()
        definition.deleted_at, definition.enabled = timezone.now(), False
        definition.save(update_fields=["deleted_at", "enabled"])
        _audit(Operation.Deleted, definition, actor, before=before)


def etag(definition: Definition) -> str:
    """What `If-Match` must name: it changes with every save, publication and change of state."""
    latest = _latest(definition)
    parts = (latest.pk, latest.revision, _number(definition.published) or 0, int(definition.enabled))
    return '"' + "-".join(str(part) for part in parts) + '"'


def summary(definition: Definition, version: DefinitionVersion) -> dict[str, Any]:
    """What audit entries say of a definition besides its steps."""
    return {
        "DisplayName": version.display_name,
        "Description": version.description,
        "WorkflowType": definition.workflow_type,
        "Keys": [key.value for key in definition.keys.all()],
        "Enabled": definition.enabled,
        "DraftVersion": version.number,
        "PublishedVersion": _number(definition.published),
    }


def public_steps(steps: Sequence[Mapping[str, Any]], *, exportable: bool = False) -> Steps:
    """Stored steps as reads show them: no secrets, and no role ids when they go to another system."""
    return [_public_step(step, exportable) for step in steps]


def _public_step(step: Mapping[str, Any], exportable: bool) -> dict[str, Any]:
    step_type = registry.step_type(step["ExtensionName"])
    return {
        **step,
        "ConfigurationParameters": parameters.without_secrets(step_type, step["ConfigurationParameters"]),
        "Signals": [
            {**signal, "RoleIds": [] if exportable else signal["RoleIds"]} for signal in step["Signals"]
        ],
    }


def _locked(guid: UUID | str, expected: str | None) -> Definition:
    """Its versions are read after the lock: a join would show them as they were before it was waited for."""
    rows = Definition.objects.present().select_for_update()
    definition = _found(rows.filter(guid=guid).first(), guid)
    if expected is not None and expected != etag(definition):
        raise VersionConflict(
            "Somebody has saved this definition meanwhile; read it again and repeat the change."
        )
    return definition


def _found(definition: Definition | None, guid: UUID | str) -> Definition:
    if definition is None:
        raise NotFound(f"There is no workflow definition with id {guid}.")
    return definition


def _latest(definition: Definition) -> DefinitionVersion:
    if definition.latest is None:
        raise NotFound("The definition has no version; delete it and create it anew.")
    return definition.latest


def _writable(definition: Definition, actor: Actor) -> DefinitionVersion:
    """The latest version, or a copy of it under the next number when it was ever published."""
    latest = _latest(definition)
    if latest.frozen_at is None:
        latest.revision += 1
        latest.save(update_fields=["revision"])
        return latest
    definition.latest = definition.versions.create(
        number=latest.number + 1,
        display_name=latest.display_name,
        description=latest.description,
        steps=latest.steps,
        created_by=actor.name,
    )
    definition.save(update_fields=["latest"])
    return definition.latest


def _freeze(definition: Definition, version: DefinitionVersion) -> None:
    """Check also what may have changed since the save (roles, people, extensions), then freeze for ever."""
    steps = documents.prepare(definition.workflow_type, version.steps, version.steps)
    if not steps:
        name = version.display_name
        raise InvalidDefinition([f"'{name}' has no steps; save its steps before publishing it."])
    if errors := definition_checks.check_stored(definition.workflow_type, steps).errors:
        raise InvalidDefinition(list(errors))
    if version.frozen_at is None:
        version.steps, version.frozen_at = steps, timezone.now()
        version.save(update_fields=["steps", "frozen_at"])


def _set_enabled(definition: Definition, enabled: bool, force: bool) -> None:
    if definition.is_global and not enabled:
        raise Protected("A global definition cannot be disabled; publish steps that do what you want.")
    if enabled and not definition.enabled:
        _check_backlog(definition, force, becomes_active=definition.published is not None)
    definition.enabled = enabled
    definition.save(update_fields=["enabled"])


def _check_backlog(definition: Definition, force: bool, *, becomes_active: bool) -> None:
    """Ask before events that already wait start instances all at once (D20)."""
    if force or not becomes_active:
        return
    waiting = events.waiting_for(definition).count()
    if waiting:
        raise ConfirmationNeeded(
            f"{waiting} events wait for this definition and would start as many instances at once. "
            f"Send force=true (or type RUN {waiting} in the portal) to go on."
        )


def _rebind(definition: Definition, keys: Sequence[str]) -> None:
    if definition.is_global:
        raise Protected(
            "A global definition serves every key that no other claims; it takes none of its own."
        )
    definition.keys.all().delete()
    _set_keys(definition, keys)


def _set_keys(definition: Definition, keys: Sequence[str]) -> None:
    spec = registry.workflow_type(definition.workflow_type)
    for key in dict.fromkeys(keys):
        if spec is not None:
            spec.key_display_name(key)
        _add_key(definition, key)


def _add_key(definition: Definition, key: str) -> None:
    try:
        with transaction.atomic():
            DefinitionKey.objects.create(
                definition=definition, workflow_type=definition.workflow_type, value=key
            )
    except IntegrityError as error:
        raise DuplicateKey(
            f"Another {definition.workflow_type} definition serves key {key} already, perhaps a disabled one."
        ) from error


def _check_names(display_name: str) -> None:
    if not display_name.strip():
        raise InvalidInput("DisplayName is required.")
    if len(display_name) > 255:
        raise InvalidInput("DisplayName has at most 255 characters.")


def _number(version: DefinitionVersion | None) -> int | None:
    return version.number if version else None


def _audit(operation: Operation, definition: Definition, actor: Actor, **states: Any) -> None:
    audit.record(
        operation,
        Category.WorkflowDefinition,
        actor=actor,
        name=_latest(definition).display_name,
        identifier=definition.guid,
        **states,
    )
