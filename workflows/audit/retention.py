"""Removing audit entries that are older than the retention: the only way in which entries leave.

Each batch leaves one entry that names how many went and the last of them with its hash. A trigger refuses
every deletion that no such entry describes.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from itertools import takewhile
from typing import Any, NamedTuple

from django.db import connection, transaction

from workflows.access.actors import Actor
from workflows.audit.writing import record
from workflows.models import AuditEntry
from workflows.vocabulary.auditing import Category, Operation

IDENTIFIER = "audit-retention"
BATCH = 5000
_LOCK = 0x636F756E74657273  # one process removes at a time: two would describe the same entries


class _Entry(NamedTuple):
    id: int
    timestamp: datetime
    mac: bytes


def remove_older(before: datetime, *, actor: Actor, limit: int = BATCH) -> int:
    """Remove at most `limit` of the oldest entries, as far as they are older; returns how many.

    None go while another process is about it.
    """
    with transaction.atomic():
        if not _is_ours():
            return 0
        old = list(takewhile(lambda entry: entry.timestamp < before, _oldest(limit)))
        if old:
            _tombstone(old, before, actor)
            _forget(old)
        return len(old)


def count_older(before: datetime) -> int:
    """How many entries are older, without removing any."""
    return AuditEntry.objects.filter(timestamp__lt=before).count()


def _is_ours() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [_LOCK])
        return bool(cursor.fetchone()[0])


def _oldest(limit: int) -> Iterator[_Entry]:
    """By id, so that what is left has no gaps at its beginning."""
    rows = AuditEntry.objects.order_by("pk").values_list("pk", "timestamp", "mac")[:limit]
    return (_Entry(id_, timestamp, bytes(mac)) for id_, timestamp, mac in rows)


def _tombstone(old: list[_Entry], before: datetime, actor: Actor) -> None:
    state: dict[str, Any] = {
        "Count": len(old),
        "FirstId": old[0].id,
        "LastId": old[-1].id,
        "LastMac": old[-1].mac.hex(),
        "Oldest": old[0].timestamp.isoformat(),
        "Before": before.isoformat(),
    }
    record(
        Operation.Deleted,
        Category.AuditLog,
        actor=actor,
        name="Audit entries past their retention",
        identifier=IDENTIFIER,
        after=state,
    )


def _forget(old: list[_Entry]) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT workflows_forget_audit(%s)", [old[-1].id])
        (removed,) = cursor.fetchone()
    if removed != len(old):
        raise RuntimeError(f"{removed} audit entries went where {len(old)} were described; nothing is stored")
