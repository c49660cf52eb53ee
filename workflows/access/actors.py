"""Who acts: a person or machine with the rights of this moment, or the Timer Service."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from workflows.models import Role, User
from workflows.vocabulary.permissions import Permission, covers


@dataclass(frozen=True, slots=True)
class Actor:
    r"""The caller of an action; `name` is `DOMAIN\name`. Rights are read once, when it is made."""

    user_id: int | None
    name: str
    permissions: frozenset[str] = frozenset()
    role_ids: frozenset[int] = frozenset()
    is_person: bool = False
    email: str = ""
    scopes: tuple[str, ...] | None = field(default=None)

    def may(self, permission: str) -> bool:
        """Whether a role grants it and, for a token with scopes, a scope covers it."""
        return _any_covers(self.permissions, permission) and self.is_in_scope(permission)

    def is_in_scope(self, permission: str) -> bool:
        """Whether the caller's token, if it has scopes, is meant for this, whatever his roles grant."""
        return self.scopes is None or _any_covers(self.scopes, permission)


TIMER_SERVICE = Actor(user_id=None, name="Timer Service", permissions=frozenset({Permission.ALL}))
"""Starts scheduled work (workflow-instances.md, 1.4)."""


def actor_for(user: User, scopes: Iterable[str] | None = None) -> Actor:
    """The actor that `user` is now: one query for the enabled roles. `scopes` narrows a token's rights."""
    roles = list(Role.objects.filter(members=user, enabled=True).values_list("id", "permissions"))
    return Actor(
        user_id=user.pk,
        name=user.account_name,
        permissions=frozenset(text for _, held in roles for text in held),
        role_ids=frozenset(role_id for role_id, _ in roles),
        is_person=not user.is_service,
        email=user.email,
        scopes=tuple(scopes) if scopes else None,
    )


def _any_covers(held: Iterable[str], wanted: str) -> bool:
    return any(covers(text, wanted) for text in held)
