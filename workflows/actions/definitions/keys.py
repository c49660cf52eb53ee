"""Which templates, collections, stores or alerts a definition serves: one definition for each (D16)."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import IntegrityError, transaction

from workflows.engine import registry
from workflows.errors import DuplicateKey, Protected
from workflows.models import Definition, DefinitionKey


def bind(definition: Definition, keys: Sequence[str]) -> None:
    spec = registry.workflow_type(definition.workflow_type)
    for key in dict.fromkeys(keys):
        if spec is not None:
            spec.key_display_name(key)
        _bind_one(definition, key)


def rebind(definition: Definition, keys: Sequence[str]) -> set[str]:
    """Serve these keys and no others; returns those that it did not serve before."""
    if definition.is_global:
        raise Protected(
            "A global definition serves every key that no other claims; it takes none of its own."
        )
    before = set(definition.keys.values_list("value", flat=True))
    definition.keys.all().delete()
    bind(definition, keys)
    return set(keys) - before


def _bind_one(definition: Definition, key: str) -> None:
    try:
        with transaction.atomic():
            DefinitionKey.objects.create(
                definition=definition, workflow_type=definition.workflow_type, value=key
            )
    except IntegrityError as error:
        raise DuplicateKey(_taken(definition.workflow_type, key)) from error


def _taken(workflow_type: str, key: str) -> str:
    rows = DefinitionKey.objects.select_related("definition__latest")
    holder = rows.filter(workflow_type=workflow_type, value=key).first()
    other = holder.definition if holder else None
    called = f"'{other.latest.display_name}'" if other and other.latest else "Another definition"
    state = ", which is disabled," if other and not other.enabled else ""
    return (
        f"{called}{state} serves key {key} of {workflow_type} already. Give this definition another key, or "
        "take the key away from that one first."
    )
