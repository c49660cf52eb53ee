"""The only writer of audit entries, and what verifies them."""

from __future__ import annotations

from workflows.audit.writing import entry, record, record_all

__all__ = ["entry", "record", "record_all"]
