"""Writing an entry: in the transaction of the change, or not at all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NotRequired, TypedDict, Unpack

import structlog
from django.utils import timezone

from workflows.access.actors import Actor
from workflows.audit.macs import mac_of
from workflows.models import AuditEntry, sql
from workflows.vocabulary.auditing import Category, Level, Operation


class Facts(TypedDict):
    """Who did it to what. `name` is for people, `identifier` never changes; neither state holds a secret."""

    actor: Actor
    name: str
    identifier: object
    before: NotRequired[Mapping[str, Any] | None]
    after: NotRequired[Mapping[str, Any] | None]
    level: NotRequired[Level]


def record(operation: Operation, category: Category, **facts: Unpack[Facts]) -> AuditEntry:
    """Append an entry."""
    made = entry(operation, category, **facts)
    sql.insert(made)
    return made


def record_all(entries: Sequence[AuditEntry]) -> None:
    """Append what `entry` made, in its order, by one statement."""
    AuditEntry.objects.bulk_create(entries)


def entry(
    operation: Operation,
    category: Category,
    *,
    actor: Actor,
    name: str,
    identifier: object,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
    level: Level = Level.Information,
) -> AuditEntry:
    """An entry with its keyed hash, for `record_all`."""
    made = AuditEntry(
        timestamp=timezone.now(),
        user_name=actor.name,
        operation=operation,
        category=category,
        level=level,
        entity_type=category.name,
        audit_identifier=name[:400],
        immutable_identifier=str(identifier),
        before=dict(before) if before is not None else None,
        after=dict(after) if after is not None else None,
        request_id=structlog.contextvars.get_contextvars().get("request_id", ""),
    )
    made.mac = mac_of(made)
    return made
