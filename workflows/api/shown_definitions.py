"""A definition with the names of its keys and roles, read for a whole page at once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from workflows.actions.definitions import Steps
from workflows.engine import registry
from workflows.models import Definition, DefinitionVersion, Role


@dataclass(frozen=True, slots=True)
class Key:
    """What a definition serves; its name is empty when that was deleted."""

    value: str
    display_name: str


@dataclass(frozen=True, slots=True)
class ShownDefinition:
    """One version of a definition, as answers need it."""

    definition: Definition
    version: DefinitionVersion
    keys: Sequence[Key]
    steps: Sequence[dict[str, Any]] = ()

    @property
    def key(self) -> Key | None:
        """The only key that version 1 of the API knows of."""
        return self.keys[0] if self.keys else None

    @property
    def is_published(self) -> bool:
        return self.definition.published is not None


def shown(definition: Definition, version: DefinitionVersion, steps: Steps) -> ShownDefinition:
    """`definition` in `version`, with these steps of it."""
    return ShownDefinition(definition, version, _keys(definition, _names([definition])), steps)


def shown_page(definitions: Sequence[Definition]) -> list[ShownDefinition]:
    """The latest versions, without steps; one query for each kind of key."""
    names = _names(definitions)
    return [
        ShownDefinition(each, each.latest, _keys(each, names))
        for each in definitions
        if each.latest is not None
    ]


def with_roles(steps: Steps) -> Steps:
    """`steps` with the roles of their signals by id and name, as version 2 shows them."""
    ids = {role for step in steps for signal in step["Signals"] for role in signal["RoleIds"]}
    names = dict(Role.objects.filter(pk__in=ids).values_list("pk", "name"))
    return [
        {
            **step,
            "Signals": [{**signal, "Roles": _roles(signal["RoleIds"], names)} for signal in step["Signals"]],
        }
        for step in steps
    ]


def _roles(ids: Iterable[int], names: Mapping[int, str]) -> list[dict[str, str]]:
    return [{"RoleId": str(each), "RoleName": names.get(each, "")} for each in ids]


def _keys(definition: Definition, names: Mapping[tuple[str, str], str]) -> list[Key]:
    values = [key.value for key in definition.keys.all()]
    return [Key(value, names.get((definition.workflow_type, value), "")) for value in values]


def _names(definitions: Iterable[Definition]) -> dict[tuple[str, str], str]:
    """Names by workflow type and key."""
    values: dict[str, set[str]] = {}
    for each in definitions:
        values.setdefault(each.workflow_type, set()).update(key.value for key in each.keys.all())
    return {
        (name, value): text
        for name, found in values.items()
        if found and (spec := registry.workflow_type(name))
        for value, text in spec.key_display_names(found).items()
    }
