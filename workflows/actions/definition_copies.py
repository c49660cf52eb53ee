"""Definitions on their way: copied, exported to a file, imported from one (workflow-definitions.md, 5)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from django.db import transaction

from workflows.access import policies
from workflows.access.actors import Actor
from workflows.actions import definitions
from workflows.engine import documents, parameters
from workflows.errors import InvalidDefinition
from workflows.models import Definition, DefinitionVersion, Role
from workflows.vocabulary.permissions import Permission

Step = dict[str, Any]

LONGEST_NAME = 255


def copy(
    guid: UUID | str,
    *,
    actor: Actor,
    display_name: str = "",
    description: str | None = None,
    keys: Sequence[str] = (),
    number: int | None = None,
) -> Definition:
    """A new draft with the steps of a version, secrets included, and only the keys that are given.

    Raises NotFound, and DuplicateKey for a key that is taken.
    """
    with transaction.atomic():
        version = definitions.version_of(definitions.visible(guid, actor=actor), number)
        return definitions.create(
            actor=actor,
            display_name=display_name or f"{version.display_name[: LONGEST_NAME - 7]} (copy)",
            description=version.description if description is None else description,
            workflow_type=version.definition.workflow_type,
            keys=keys,
            steps=[_renewed(step) for step in version.steps],
        )


def exported(definition: Definition, version: DefinitionVersion) -> dict[str, Any]:
    """What `import_` takes elsewhere: no secrets, and roles by name."""
    return {
        "DisplayName": version.display_name,
        "Description": version.description,
        "WorkflowType": definition.workflow_type,
        "Keys": [{"DisplayName": "", "Value": key.value} for key in definition.keys.all()],
        "Enabled": definition.enabled,
        "Steps": _with_role_names(definitions.public_steps(version.steps, exportable=False)),
    }


def import_(
    *,
    actor: Actor,
    display_name: str,
    description: str,
    workflow_type: str,
    steps: Sequence[Mapping[str, Any]],
    keys: Sequence[str] = (),
    enabled: bool = True,
) -> Definition:
    """A new draft with these steps; roles are found by name, or by id where a signal names none.

    Raises InvalidDefinition with every unknown role, extension and other fault, and changes nothing. Roles
    and secrets that the file leaves out may be given before the publication.
    """
    policies.require(actor, Permission.WORKFLOW_DEFINITIONS_MODIFY)
    return definitions.create(
        actor=actor,
        display_name=display_name,
        description=description,
        workflow_type=workflow_type,
        keys=keys,
        enabled=enabled,
        steps=_prepared(definitions.type_called(workflow_type).name, steps),
    )


def roles_by_id(given: Sequence[Mapping[str, Any]]) -> list[str]:
    """What to look at in imported steps whose roles are named by ids alone: here these may be other roles."""
    asked = [
        (step["UniqueName"], sorted({*(signal.get("RoleIds") or ())}))
        for step in given
        for signal in step.get("Signals") or []
        if not _role_names(signal)
    ]
    names = dict(
        Role.objects.filter(pk__in={each for _, ids in asked for each in ids}).values_list("pk", "name")
    )
    return [
        f"Step '{name}' names roles by ids, which differ from system to system; here they are "
        f"{', '.join(f'{each} {names[each]}' for each in known)}. Make sure that these are meant."
        for name, ids in asked
        if (known := [each for each in ids if each in names])
    ]


def _prepared(workflow_type: str, given: Sequence[Mapping[str, Any]]) -> list[Step]:
    steps, problems = _with_role_ids(given)
    try:
        prepared = documents.prepare(workflow_type, steps, complete=False) if steps else []
    except InvalidDefinition as refused:
        raise InvalidDefinition([*problems, *refused.found]) from None
    if problems:
        raise InvalidDefinition(problems)
    return prepared


def _renewed(step: Step) -> Step:
    """The step under ids of its own; a sealed secret names the step that it was sealed for."""
    return {
        **step,
        "Id": parameters.new_guid(),
        "Conditions": [{**each, "Id": parameters.new_guid()} for each in step["Conditions"]],
        "Signals": [{**each, "Id": parameters.new_guid()} for each in step["Signals"]],
    }


def _with_role_names(steps: Sequence[Step]) -> list[Step]:
    ids = {role for step in steps for signal in step["Signals"] for role in signal["RoleIds"]}
    names = dict(Role.objects.filter(pk__in=ids).values_list("pk", "name"))
    return [
        {**step, "Signals": [_signal_with_names(signal, names) for signal in step["Signals"]]}
        for step in steps
    ]


def _signal_with_names(signal: Mapping[str, Any], names: Mapping[int, str]) -> dict[str, Any]:
    roles = [{"RoleId": "", "RoleName": names[each]} for each in signal["RoleIds"] if each in names]
    return {"SignalName": signal["SignalName"], "Roles": roles, "RoleTokens": signal["RoleTokens"]}


def _with_role_ids(steps: Sequence[Mapping[str, Any]]) -> tuple[list[dict[str, Any]], list[str]]:
    """The steps with role ids of this installation, and a sentence for each name that it does not know."""
    ids = {name.casefold(): pk for pk, name in Role.objects.values_list("pk", "name")}
    problems: list[str] = []
    return [_with_ids(step, ids, problems) for step in steps], problems


def _with_ids(step: Mapping[str, Any], ids: Mapping[str, int], problems: list[str]) -> dict[str, Any]:
    signals = []
    for signal in step.get("Signals") or []:
        names = _role_names(signal)
        problems += [
            f"Step '{step['UniqueName']}' names the role '{name}', which does not exist; create it, or name "
            "another one."
            for name in names
            if name.casefold() not in ids
        ]
        found = [ids[name.casefold()] for name in names if name.casefold() in ids]
        signals.append({**signal, "RoleIds": found if names else signal.get("RoleIds") or []})
    return {**step, "Signals": signals}


def _role_names(signal: Mapping[str, Any]) -> list[str]:
    return [each["RoleName"] for each in signal.get("Roles") or [] if each.get("RoleName")]
