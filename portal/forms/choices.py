"""Choices that are rows, read with one query each."""

from __future__ import annotations

from workflows.models import Role


def role_choices() -> list[tuple[int, str]]:
    """Roles that may be asked for an answer, by name."""
    return list(Role.objects.filter(enabled=True).order_by("name").values_list("pk", "name"))
