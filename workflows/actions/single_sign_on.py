"""Log-in of somebody whom an OpenID Connect issuer vouches for: found, or made, and given his roles."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import structlog
from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Lower

from workflows.access.actors import Actor
from workflows.actions import roles, sessions, users
from workflows.errors import NotAuthenticated, Protected
from workflows.models import Role, User
from workflows.models.people import bare_name
from workflows.vocabulary.permissions import Permission

log = structlog.get_logger(__name__)
SINGLE_SIGN_ON = Actor(user_id=None, name="Single sign-on", permissions=frozenset({Permission.ALL}))


@dataclass(frozen=True)
class Person:
    """What the issuer says: `email` only if verified there, `roles` None to leave them as they are."""

    name: str
    email: str
    full_name: str
    roles: frozenset[str] | None


def log_in(person: Person, *, creates_users: bool, address: str) -> User:
    """The user that this person is. Raises NotAuthenticated for strangers, disabled users and services."""
    with transaction.atomic():
        user = _found(person) or _made(person, creates_users=creates_users)
        if not user.is_active or user.is_service:
            raise NotAuthenticated(f"{user.account_name} may not log in this way. Ask an administrator.")
        if person.roles is not None:
            _give_roles(user, person.roles)
        sessions.note_log_in(user, address, "Single sign-on")
    return user


def _found(person: Person) -> User | None:
    """By the verified e-mail, which must be one user's alone, else by the name."""
    if person.email:
        having = list(User.objects.filter(email__iexact=person.email)[:2])
        if len(having) > 1:
            raise NotAuthenticated("Several users have your e-mail address. Ask an administrator.")
        if having:
            return having[0]
    return User.objects.filter(username__iexact=bare_name(person.name)).first() if person.name else None


def _made(person: Person, *, creates_users: bool) -> User:
    if not creates_users:
        raise NotAuthenticated("Nobody here has your name or e-mail address. Ask an administrator.")
    return users.create(
        actor=SINGLE_SIGN_ON,
        account_name=person.name or person.email,
        email=person.email,
        full_name=person.full_name[:200],
    )


def _give_roles(user: User, names: Collection[str]) -> None:
    """Exactly the named roles; unknown ones are logged, and the last administrator stays one."""
    wanted = {name.casefold() for name in names}
    concerned = list(
        Role.objects.alias(low=Lower("name"))
        .filter(Q(members=user) | Q(low__in=wanted))
        .distinct()
        .order_by("pk")
    )
    if unknown := sorted(wanted - {role.name.casefold() for role in concerned}):
        log.warning("single_sign_on_unknown_roles", user=user.username, roles=unknown)
    for role in concerned:
        try:
            _set_membership(role.pk, user, is_member=role.name.casefold() in wanted)
        except Protected as refusal:
            log.warning("single_sign_on_role_kept", user=user.username, role=role.name, reason=str(refusal))


def _set_membership(role_id: int, user: User, *, is_member: bool) -> None:
    with transaction.atomic():
        members = set(roles.locked(role_id).members.all())
        if (user in members) is not is_member:
            roles.update(role_id, actor=SINGLE_SIGN_ON, members=members ^ {user})
