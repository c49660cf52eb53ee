"""The only writer of audit entries, and what verifies them."""

from __future__ import annotations

from workflows.audit.retention import count_older, remove_older
from workflows.audit.writing import record

__all__ = ["count_older", "record", "remove_older"]
