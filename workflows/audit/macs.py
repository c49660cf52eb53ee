"""The keyed hash over one entry: whoever edits a row without the key is found out."""

from __future__ import annotations

import hashlib
import hmac
import json
from typing import Any

from django.conf import settings

from workflows.models import AuditEntry

FIELDS = (
    "timestamp",
    "user_name",
    "operation",
    "category",
    "level",
    "entity_type",
    "audit_identifier",
    "immutable_identifier",
    "before",
    "after",
    "request_id",
)


def mac_of(entry: AuditEntry) -> bytes:
    """HMAC-SHA256 over the entry's canonical form: sorted JSON of every field but the id."""
    content = {name: _plain(getattr(entry, name)) for name in FIELDS}
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hmac.new(settings.AUDIT_KEY, text.encode(), hashlib.sha256).digest()


def is_genuine(entry: AuditEntry) -> bool:
    """Whether the stored hash fits what the row says now (GET /Audit/{id}/Validate)."""
    return hmac.compare_digest(bytes(entry.mac), mac_of(entry))


def _plain(value: Any) -> Any:
    return value.isoformat() if hasattr(value, "isoformat") else value
