"""Roles: sets of permission strings and the people who hold them (events-security-audit.md, 2.2 and 2.3)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet
from django.db.models.functions import Lower

from workflows import audit
from workflows.access import policies
from workflows.access.actors import Actor
from workflows.actions import role_uses
from workflows.actions.duplicates import refused_when_taken
from workflows.actions.freshness import check_seen, etag_of
from workflows.errors import InvalidInput, NotFound, Protected
from workflows.models import Role, User
from workflows.models.people import bare_name
from workflows.vocabulary.auditing import Category, Operation
from workflows.vocabulary.permissions import TREE, Permission, area_and_permission, covers, is_known

_BY_WORDS = {area_and_permission(text).replace(" - ", ":").casefold(): text for text in TREE}
EDITABLE = ("name", "description", "email_address", "permissions", "enabled", "private")


def visible(actor: Actor) -> QuerySet[Role]:
    """Every role, members loaded. Raises PermissionMissing."""
    policies.require(actor, Permission.SECURITY_READ, Permission.SECURITY_MODIFY)
    return Role.objects.prefetch_related("members").order_by("name")


def find(role_id: int, *, actor: Actor) -> Role:
    """One role. Raises PermissionMissing, NotFound."""
    return _found(visible(actor).prefetch_related(None).filter(pk=role_id).first(), role_id)


def members_of(role: Role, part: str = "") -> QuerySet[User]:
    """Its members by name, those alone whose user name or full name holds `part`."""
    return _named_like(role.members.all(), part)


def candidates(role: Role, part: str) -> QuerySet[User]:
    """Active users who are no members, whose user name or full name holds `part`."""
    return _named_like(User.objects.filter(is_active=True).exclude(roles=role), part)


def create(*, actor: Actor, members: Iterable[User] = (), **values: Any) -> Role:
    """A new role; `values` are of `EDITABLE`. Raises InvalidInput, DuplicateKey."""
    policies.require(actor, Permission.SECURITY_MODIFY)
    role = Role()
    with transaction.atomic():
        _apply(role, values)
        role.members.set(members)
        _audit(Operation.Created, role, actor, after=summary(role))
    return role


def update(
    role_id: int,
    *,
    actor: Actor,
    members: Iterable[User] | None = None,
    expected: str | None = None,
    **values: Any,
) -> Role:
    """Change what is given. Raises VersionConflict unless `expected` is its `etag`.

    Raises Protected for an immutable role unless only its members change, and where one is needed as it is.
    """
    policies.require(actor, Permission.SECURITY_MODIFY)
    with transaction.atomic():
        role = locked(role_id)
        before = summary(role)
        check_seen(expected, before)
        role_uses.check_change(role, values)
        _apply(role, values)
        if members is not None:
            role.members.set(members)
            keep_an_administrator()
        _audit(Operation.Updated, role, actor, before=before, after=summary(role))
    return role


def set_members(role_id: int, user_ids: Sequence[int], *, actor: Actor, expected: str | None = None) -> Role:
    """Make exactly these users its members. Raises InvalidInput for unknown ones, and as `update` does."""
    policies.require(actor, Permission.SECURITY_MODIFY)
    users = list(User.objects.filter(pk__in=user_ids))
    if unknown := sorted(set(user_ids) - {user.pk for user in users}):
        raise InvalidInput(f"There is no user with id {', '.join(map(str, unknown))}.")
    return update(role_id, actor=actor, members=users, expected=expected)


def add_members(role_id: int, names: Iterable[str], *, actor: Actor) -> list[User]:
    """Give the role to the users with these names; returns those who lacked it. Raises InvalidInput."""
    policies.require(actor, Permission.SECURITY_MODIFY)
    with transaction.atomic():
        role = locked(role_id)
        held = set(role.members.values_list("pk", flat=True))
        added = [user for user in users_named(names) if user.pk not in held]
        role.members.add(*added)
        _audit_members(role, actor, added=added)
    return added


def remove_member(role_id: int, user_id: int, *, actor: Actor) -> None:
    """Take the role from a user. Raises NotFound, Protected for the last administrator."""
    policies.require(actor, Permission.SECURITY_MODIFY)
    with transaction.atomic():
        role = locked(role_id)
        user = role.members.filter(pk=user_id).first()
        if user is None:
            raise NotFound("The user is no member of the role any more.")
        role.members.remove(user)
        keep_an_administrator()
        _audit_members(role, actor, removed=[user])


def copy(role_id: int, *, actor: Actor, name: str, description: str = "") -> Role:
    """A role with the same permissions and members under another name."""
    source = find(role_id, actor=actor)
    return create(
        actor=actor,
        members=source.members.all(),
        name=name,
        description=description or source.description,
        email_address=source.email_address,
        permissions=source.permissions,
        enabled=source.enabled,
        private=source.private,
    )


def delete(role_id: int, *, actor: Actor) -> None:
    """Delete a role that no workflow needs. Raises NotFound, Protected."""
    policies.require(actor, Permission.SECURITY_MODIFY)
    with transaction.atomic():
        role = locked(role_id)
        role_uses.check_deletable(role)
        _audit(Operation.Deleted, role, actor, before=summary(role))
        role.delete()


def users_named(names: Iterable[str]) -> list[User]:
    r"""The users with these names, `DOMAIN\name` or bare. Raises InvalidInput for those that do not exist."""
    wanted = {bare_name(name).lower(): name for name in names}
    users: list[User] = list(User.objects.alias(lower=Lower("username")).filter(lower__in=wanted))
    if unknown := wanted.keys() - {user.username.lower() for user in users}:
        raise InvalidInput(f"There is no user named {', '.join(sorted(wanted[name] for name in unknown))}.")
    return users


def keep_an_administrator() -> None:
    """Refuse what would leave an immutable role without a member who can log in. Raises Protected."""
    for role in Role.objects.filter(immutable=True).select_for_update().order_by("pk"):
        if not role.members.filter(is_active=True).exists():
            raise Protected(
                f"The role {role.name} must keep at least one active member. Add another one first."
            )


def locked(role_id: int) -> Role:
    return _found(Role.objects.select_for_update().filter(pk=role_id).first(), role_id)


def etag(role: Role) -> str:
    return etag_of(summary(role))


def summary(role: Role) -> dict[str, Any]:
    """What audit entries say of a role."""
    members = sorted(user.account_name for user in role.members.all())
    return {name: getattr(role, name) for name in EDITABLE} | {"members": members}


def _apply(role: Role, values: dict[str, Any]) -> None:
    for name, value in values.items():
        setattr(role, name, value)
    role.permissions = checked_permissions(role.permissions)
    if not role.name:
        raise InvalidInput("A role needs a Name.")
    with refused_when_taken("role_name_is_unique", f"There is another role named {role.name}."):
        role.save()


def checked_permissions(given: Iterable[str]) -> list[str]:
    """`given` sorted, `Area:Permission` of older clients as the string that it means.

    Raises InvalidInput for what is unknown, and for a string that another one covers.
    """
    texts = sorted({_BY_WORDS.get(text.casefold(), text) for text in given})
    problems = [
        f"'{text}' is no access-control string; see GET /Permissions." for text in texts if not is_known(text)
    ]
    problems += [
        f"'{text}' is covered by '{held}' already; keep one of them."
        for text in texts
        for held in texts
        if held != text and covers(held, text)
    ]
    if problems:
        raise InvalidInput(" ".join(problems))
    return texts


def _named_like(users: QuerySet[User], part: str) -> QuerySet[User]:
    fits = Q(username__icontains=bare_name(part)) | Q(full_name__icontains=part)
    return users.filter(fits).order_by("username")


def _found(role: Role | None, role_id: int) -> Role:
    if role is None:
        raise NotFound(f"There is no role with id {role_id}.")
    return role


def _audit_members(
    role: Role, actor: Actor, *, added: Sequence[User] = (), removed: Sequence[User] = ()
) -> None:
    """Names those who came or went only: a role may have thousands of members."""
    before, after = (sorted(user.account_name for user in users) for users in (removed, added))
    if before or after:
        _audit(Operation.Updated, role, actor, before={"members": before}, after={"members": after})


def _audit(operation: Operation, role: Role, actor: Actor, **states: Any) -> None:
    audit.record(operation, Category.SecurityRole, actor=actor, name=role.name, identifier=role.pk, **states)
