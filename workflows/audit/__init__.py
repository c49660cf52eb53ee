"""The only writer of audit entries, and what verifies them."""

from __future__ import annotations

from workflows.audit.writing import record

__all__ = ["record"]
