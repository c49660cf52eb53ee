"""Callers of the API, as its own tests have them."""

from __future__ import annotations

from tests.api.conftest import admin, caller, stranger

__all__ = ["admin", "caller", "stranger"]
