"""Writing an entry: in the transaction of the change, or not at all."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import structlog
from django.utils import timezone

from workflows.access.actors import Actor
from workflows.audit.macs import mac_of
from workflows.models import AuditEntry
from workflows.vocabulary.auditing import Category, Level, Operation


def record(
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
    """Append an entry. `name` is for people, `identifier` never changes; neither state holds a secret."""
    entry = AuditEntry(
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
    entry.mac = mac_of(entry)
    entry.save(force_insert=True)
    return entry
