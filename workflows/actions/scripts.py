"""Stored scripts: create, change, delete, and who uses them (workflow-definitions.md, 3.5)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet

from workflows import audit
from workflows.access import policies
from workflows.access.actors import Actor
from workflows.actions.duplicates import refused_when_taken
from workflows.actions.freshness import check_seen, etag_of
from workflows.errors import InvalidInput, NotFound, Protected
from workflows.models import DefinitionVersion, Script
from workflows.vocabulary.auditing import Category, Operation
from workflows.vocabulary.permissions import Permission
from workflows.vocabulary.statuses import FINISHED

WORKFLOW_CATEGORY = 6  # the one of 1 to 6 whose scripts workflow steps may run
EXTENSION = "CustomPowerShell"


def visible(actor: Actor) -> QuerySet[Script]:
    """Every script. Raises PermissionMissing."""
    return policies.restrict(Script.objects.all(), actor, Permission.SCRIPTS_READ)


def find(script_id: int, *, actor: Actor) -> Script:
    """One script. Raises PermissionMissing, NotFound."""
    return _found(visible(actor).filter(pk=script_id).first(), script_id)


def for_workflows(name: str) -> Script | None:
    """The script that a step may run under this name."""
    return Script.objects.filter(name=name, categories__contains=[WORKFLOW_CATEGORY]).first()


def create(*, name: str, contents: str, categories: Sequence[int] = (), actor: Actor) -> Script:
    """A new script. Raises InvalidInput, DuplicateKey."""
    policies.require(actor, Permission.SCRIPTS_MODIFY)
    if not name.strip() or not name.isprintable():
        raise InvalidInput("Name must be one line of printable characters.")
    script = Script(name=name.strip(), contents=contents, categories=_distinct(categories))
    taken = f"There is a script {name} already. Choose another name, or change that one."
    with transaction.atomic(), refused_when_taken("script_name_is_unique", taken):
        script.save()
        _audit(Operation.Created, script, actor, after=_summary(script))
    return script


def update(
    script_id: int,
    *,
    contents: str | None = None,
    categories: Sequence[int] | None = None,
    actor: Actor,
    expected: str | None = None,
) -> Script:
    """Change what is given, never the name. Raises VersionConflict unless `expected` is its `etag`.

    Raises Protected for the category of a script in use.
    """
    policies.require(actor, Permission.SCRIPTS_MODIFY)
    with transaction.atomic():
        script = _locked(script_id)
        before = _summary(script)
        check_seen(expected, before)
        if contents is not None:
            script.contents = contents
        if categories is not None:
            script.categories = _distinct(categories)
            if WORKFLOW_CATEGORY in before["Categories"] and WORKFLOW_CATEGORY not in script.categories:
                _refuse_when_in_use(script, f"category {WORKFLOW_CATEGORY} must stay")
        script.save()
        _audit(Operation.Updated, script, actor, before=before, after=_summary(script))
    return script


def delete(script_id: int, *, actor: Actor) -> None:
    """Delete a script that no workflow uses. Raises Protected."""
    policies.require(actor, Permission.SCRIPTS_MODIFY)
    with transaction.atomic():
        script = _locked(script_id)
        _refuse_when_in_use(script, "it cannot be deleted")
        _audit(Operation.Deleted, script, actor, before=_summary(script))
        script.delete()


def etag(script: Script) -> str:
    return etag_of(_summary(script))


def _refuse_when_in_use(script: Script, consequence: str) -> None:
    """In use by any version that may still be published, and by deleted definitions that still run."""
    step = {"ExtensionName": EXTENSION, "ConfigurationParameters": {"ScriptName": script.name}}
    users = DefinitionVersion.objects.filter(steps__contains=[step])
    unfinished = Q(instances__isnull=False) & ~Q(instances__status__in=FINISHED)
    user = users.filter(Q(definition__deleted_at__isnull=True) | unfinished).first()
    if user is not None:
        raise Protected(
            f"The workflow '{user.display_name}' uses the script {script.name}; {consequence}. Let its steps "
            "name another script, or delete the workflow, first."
        )


def _locked(script_id: int) -> Script:
    return _found(Script.objects.select_for_update().filter(pk=script_id).first(), script_id)


def _found(script: Script | None, script_id: int) -> Script:
    if script is None:
        raise NotFound(f"There is no script {script_id}; GET /Extensions/Scripts lists those there are.")
    return script


def _distinct(categories: Sequence[int]) -> list[int]:
    return sorted(set(categories))


def _summary(script: Script) -> dict[str, Any]:
    return {"Name": script.name, "Contents": script.contents, "Categories": script.categories}


def _audit(operation: Operation, script: Script, actor: Actor, **states: Any) -> None:
    audit.record(operation, Category.Script, actor=actor, name=script.name, identifier=script.pk, **states)
