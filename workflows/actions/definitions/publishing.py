"""Which version new instances run, whether any start at all, and the end of a definition."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from workflows.access import policies
from workflows.access.actors import Actor
from workflows.actions import definition_checks
from workflows.actions.definitions import revisions
from workflows.actions.definitions.reading import latest, number_of, record, summary, version_of
from workflows.engine import documents, events
from workflows.errors import ConfirmationNeeded, InvalidDefinition, Protected
from workflows.models import Definition, DefinitionVersion
from workflows.vocabulary.auditing import Operation
from workflows.vocabulary.permissions import Permission


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
        definition = revisions.locked(guid, expected)
        version = version_of(definition, number)
        before = {"PublishedVersion": number_of(definition.published)}
        _freeze(definition, version)
        if definition.published is None:
            check_backlog(definition, force, becomes_active=definition.enabled)
        definition.published = version
        definition.save(update_fields=["published"])
        revisions.keep(definition, actor)
        after = {"PublishedVersion": version.number}
        record(Operation.Published, definition, actor, before=before, after=after)
    return definition


def set_enabled(
    guid: UUID | str, enabled: bool, *, actor: Actor, force: bool = False, expected: str | None = None
) -> Definition:
    """Enable or disable; a global definition stays enabled (409)."""
    policies.require(actor, Permission.WORKFLOW_DEFINITIONS_MODIFY)
    with transaction.atomic():
        definition = revisions.locked(guid, expected)
        before = {"Enabled": definition.enabled}
        enable(definition, enabled, force)
        revisions.keep(definition, actor)
        operation = Operation.Enabled if enabled else Operation.Disabled
        record(operation, definition, actor, before=before, after={"Enabled": enabled})
    return definition


def delete(guid: UUID | str, *, actor: Actor, expected: str | None = None) -> None:
    """Delete; versions that instances use stay readable for them. Raises Protected for a global one."""
    policies.require(actor, Permission.WORKFLOW_DEFINITIONS_MODIFY)
    with transaction.atomic():
        definition = revisions.locked(guid, expected)
        if definition.is_global:
            raise Protected("A global definition cannot be deleted; edit its steps instead.")
        before = summary(definition, latest(definition))
        definition.keys.all().delete()
        definition.deleted_at, definition.enabled = timezone.now(), False
        definition.save(update_fields=["deleted_at", "enabled"])
        record(Operation.Deleted, definition, actor, before=before)


def enable(definition: Definition, enabled: bool, force: bool) -> None:
    if definition.is_global and not enabled:
        raise Protected("A global definition cannot be disabled; publish steps that do what you want.")
    if enabled and not definition.enabled:
        check_backlog(definition, force, becomes_active=definition.published is not None)
    definition.enabled = enabled
    definition.save(update_fields=["enabled"])


def check_backlog(
    definition: Definition, force: bool, *, becomes_active: bool, keys: Collection[str] | None = None
) -> None:
    """Ask before events that wait, for any of its keys or for these, start instances at once (D20)."""
    if force or not becomes_active:
        return
    waiting = events.waiting_for(definition, keys).count()
    if waiting:
        raise ConfirmationNeeded(
            f"{waiting} events wait for this definition and would start as many instances at once. "
            f"Send force=true (or type RUN {waiting} in the portal) to go on."
        )


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
