"""The verbs of definitions: read, create, rename, save, publish, enable, delete (reference: 1)."""

from __future__ import annotations

from workflows.actions.definitions.publishing import delete, publish, set_enabled
from workflows.actions.definitions.reading import (
    Steps,
    listed,
    public_steps,
    summary,
    version_of,
    versions,
    visible,
)
from workflows.actions.definitions.revisions import etag, require_unchanged
from workflows.actions.definitions.saving import create, save_steps, type_called, update

__all__ = [
    "Steps",
    "create",
    "delete",
    "etag",
    "listed",
    "public_steps",
    "publish",
    "require_unchanged",
    "save_steps",
    "set_enabled",
    "summary",
    "type_called",
    "update",
    "version_of",
    "versions",
    "visible",
]
