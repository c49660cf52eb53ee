"""Roles, users and tokens: who may do what."""

from __future__ import annotations

from workflows import audit
from workflows.access.actors import Actor
from workflows.models import Role
from workflows.vocabulary.auditing import Category, Level, Operation


def record_refusal(*, actor: Actor, route: str, verb: str, place: str = "API Endpoint") -> None:
    """Note that a permission was missing; `place` is `API Endpoint` or `Portal Page` (seed 1.3)."""
    roles = Role.objects.filter(pk__in=actor.role_ids).order_by("name").values_list("name", flat=True)
    details = {
        "Username": actor.name,
        "RequestRoute": route,
        "RequestType": place,
        "HttpVerb": verb,
        "Roles": list(roles),
    }
    audit.record(
        Operation.Failed,
        Category.AuthorizationFailure,
        actor=actor,
        name=route,
        identifier=actor.user_id,
        after=details,
        level=Level.Warning,
    )
