"""Definitions as their list shows them; the names of all keys cost one query for each type."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from portal.presenters.steps import workflow_type_label
from workflows.actions import definitions
from workflows.engine import registry
from workflows.models import Definition

SHOWN_KEYS = 3


@dataclass(frozen=True)
class Row:
    guid: UUID
    name: str
    type_label: str
    keys: Sequence[str]
    more_keys: int
    draft: int
    published: int | None
    enabled: bool
    is_global: bool

    @property
    def has_draft(self) -> bool:
        """Whether there is something that was not published."""
        return self.published != self.draft


def rows(found: Sequence[Definition]) -> list[Row]:
    names = _key_names(found)
    return [_row(each, names[each.workflow_type]) for each in found]


def csv_lines(found: Sequence[Definition]) -> Iterator[Sequence[object]]:
    """Id, name, type, all keys by name, published and latest version, whether it is enabled."""
    names = _key_names(found)
    for each in found:
        latest = definitions.version_of(each, None)
        keys = "; ".join(_keys(each, names[each.workflow_type]))
        published = each.published.number if each.published else ""
        yield each.guid, latest.display_name, each.workflow_type, keys, published, latest.number, each.enabled


def _keys(definition: Definition, names: Mapping[str, str]) -> list[str]:
    return [names.get(key.value, key.value) for key in definition.keys.all()]


def _row(definition: Definition, names: Mapping[str, str]) -> Row:
    latest = definitions.version_of(definition, None)
    keys = _keys(definition, names)
    return Row(
        guid=definition.guid,
        name=latest.display_name,
        type_label=workflow_type_label(definition.workflow_type),
        keys=keys[:SHOWN_KEYS],
        more_keys=max(len(keys) - SHOWN_KEYS, 0),
        draft=latest.number,
        published=definition.published.number if definition.published else None,
        enabled=definition.enabled,
        is_global=definition.is_global,
    )


def _key_names(found: Sequence[Definition]) -> dict[str, Mapping[str, str]]:
    values: dict[str, set[str]] = defaultdict(set)
    for definition in found:
        values[definition.workflow_type] |= {key.value for key in definition.keys.all()}
    specs = {name: registry.workflow_type(name) for name in values}
    return {
        name: spec.key_display_names(keys) if (spec := specs[name]) and keys else {}
        for name, keys in values.items()
    }
