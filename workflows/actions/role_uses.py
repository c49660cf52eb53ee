"""Who needs a role: instances that wait for its holders, and workflows that name it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from workflows.errors import Protected
from workflows.models import DefinitionVersion, PendingSignal, Role, sql
from workflows.vocabulary.statuses import FINISHED, InstanceStatus

_UNFINISHED = [int(status) for status in InstanceStatus if status not in FINISHED]

# Versions that call a role by its name (or its id, which is text here, too), and that run or may begin to.
_CALLING = """
    SELECT v.display_name, v.number FROM workflows_definitionversion AS v
    JOIN workflows_definition AS d ON d.id = v.definition_id
    WHERE EXISTS (
        SELECT FROM (
            SELECT jsonb_path_query(v.steps, '$[*].ConfigurationParameters.EscalationRole')
            UNION ALL SELECT jsonb_path_query(v.steps, '$[*].Signals[*].RoleTokens[*]')
        ) AS named(role)
        WHERE lower(btrim(role #>> '{}')) = ANY(%s::text[])
    ) AND (
        (d.published_id = v.id AND d.deleted_at IS NULL)
        OR EXISTS (
            SELECT FROM workflows_instance AS i WHERE i.version_id = v.id AND i.status = ANY(%s::smallint[])
        )
    )
    ORDER BY v.id DESC LIMIT 1
"""


def check_deletable(role: Role) -> None:
    """Raises Protected."""
    if role.immutable:
        raise Protected(f"The role {role.name} cannot be deleted.")
    _check_not_awaited(role)
    users = DefinitionVersion.objects.filter(definition__deleted_at__isnull=True)
    if named := users.filter(steps__contains=[{"Signals": [{"RoleIds": [role.pk]}]}]).first():
        raise Protected(f"{_named_in(role, named.display_name, named.number)}.")
    _check_not_called(role, role.name.lower(), str(role.pk))


def check_change(role: Role, values: Mapping[str, Any]) -> None:
    """Whether the role may become `values`. Raises Protected."""
    if role.immutable and any(value != getattr(role, name) for name, value in values.items()):
        raise Protected(f"The role {role.name} cannot be changed but for its members.")
    if role.enabled and not values.get("enabled", True):
        _check_not_awaited(role)
    if values.get("name", role.name).lower() != role.name.lower():
        _check_not_called(role, role.name.lower())


def _check_not_awaited(role: Role) -> None:
    if count := PendingSignal.objects.filter(role=role).count():
        raise Protected(
            f"{count:,} workflow instance(s) wait for a signal of the role {role.name}; let them be decided, "
            "stopped or restarted first."
        )


def _check_not_called(role: Role, *names: str) -> None:
    for display_name, number in sql.rows(_CALLING, (list(names), _UNFINISHED)):
        raise Protected(
            f"{_named_in(role, display_name, number)}, by its name; publish one that names another role, and "
            "let the instances of the old one end."
        )


def _named_in(role: Role, workflow: str, number: int) -> str:
    return f"The workflow '{workflow}' names the role {role.name} in version {number}"
