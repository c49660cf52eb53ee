"""Users: people and services, their passwords and whether they may log in."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from zoneinfo import available_timezones

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet

from workflows import audit
from workflows.access import policies, throttling
from workflows.access.actors import Actor
from workflows.actions import roles
from workflows.actions.duplicates import refused_when_taken
from workflows.actions.freshness import check_seen, etag_of
from workflows.encryption import Secret
from workflows.errors import InvalidInput, NotFound
from workflows.models import User
from workflows.models.people import bare_name
from workflows.vocabulary.auditing import Category, Operation
from workflows.vocabulary.permissions import Permission

EDITABLE = ("full_name", "email", "is_service", "time_zone")
_NAME = re.compile(r"[\w.@+$-]{1,150}")


def visible(actor: Actor) -> QuerySet[User]:
    """Every user, roles loaded. Raises PermissionMissing."""
    policies.require(actor, Permission.SECURITY_READ, Permission.SECURITY_MODIFY)
    return User.objects.prefetch_related("roles").order_by("username")


def find(user_id: int, *, actor: Actor) -> User:
    """One user. Raises PermissionMissing, NotFound."""
    return _found(visible(actor).filter(pk=user_id).first(), user_id)


def exists(account_name: str, *, actor: Actor) -> bool:
    """Whether an active user has this name. Raises PermissionMissing."""
    return visible(actor).filter(username__iexact=bare_name(account_name), is_active=True).exists()


def create(*, actor: Actor, account_name: str, password: Secret[str] | None = None, **values: Any) -> User:
    """A user without roles; without a password he cannot log in. Raises InvalidInput, DuplicateKey."""
    policies.require(actor, Permission.SECURITY_MODIFY)
    user = User(username=_checked_name(account_name), **values)
    give_password(user, password)
    with transaction.atomic():
        with _refused_when_taken(user):
            user.save()
        _audit(Operation.Created, user, actor, after=summary(user))
    return user


def update(user_id: int, *, actor: Actor, expected: str | None = None, **values: Any) -> User:
    """Change what is given, of `EDITABLE`. Raises VersionConflict unless `expected` is its `etag`."""
    policies.require(actor, Permission.SECURITY_MODIFY)
    with transaction.atomic():
        user = _locked(user_id)
        before = summary(user)
        check_seen(expected, before)
        check_time_zone(values.get("time_zone", user.time_zone))
        for name, value in values.items():
            setattr(user, name, value)
        user.save(update_fields=list(values))
        _audit(Operation.Updated, user, actor, before=before, after=summary(user))
    return user


def set_password(user_id: int, password: Secret[str], *, actor: Actor) -> User:
    """Replace the password, which ends sessions and a throttle. Raises NotFound, InvalidInput (weak)."""
    policies.require(actor, Permission.SECURITY_MODIFY)
    with transaction.atomic():
        user = _locked(user_id)
        give_password(user, password)
        user.save(update_fields=["password"])
        throttling.forgive(user.username)
        _audit(Operation.Reset, user, actor, after={"password": "replaced"})
    return user


def set_active(user_id: int, is_active: bool, *, actor: Actor) -> User:
    """Let him log in or not; what he did stays. Raises Protected for the last administrator."""
    policies.require(actor, Permission.SECURITY_MODIFY)
    with transaction.atomic():
        user = _locked(user_id)
        before = summary(user)
        user.is_active = is_active
        user.save(update_fields=["is_active"])
        roles.keep_an_administrator()
        operation = Operation.Enabled if is_active else Operation.Disabled
        _audit(operation, user, actor, before=before, after=summary(user))
    return user


def etag(user: User) -> str:
    return etag_of(summary(user))


def summary(user: User) -> dict[str, Any]:
    """What audit entries say of a user."""
    return {name: getattr(user, name) for name in (*EDITABLE, "is_active")}


@contextmanager
def _refused_when_taken(user: User) -> Iterator[None]:
    """In any case (our constraint) and in the same case (the one that Django wants of a log-in name)."""
    message = f"There is another user named {user.username}."
    with (
        refused_when_taken("user_name_is_unique", message),
        refused_when_taken("workflows_user_username_key", message),
    ):
        yield


def check_time_zone(name: str) -> None:
    """Raises InvalidInput for an unknown one."""
    if name not in available_timezones():
        raise InvalidInput(f"TimeZone '{name}' is unknown; use a name such as Europe/Berlin.")


def _checked_name(account_name: str) -> str:
    name = bare_name(account_name)
    if not _NAME.fullmatch(name):
        raise InvalidInput("An AccountName has 1 to 150 letters, digits and . @ + $ - _ after the domain.")
    return name


def give_password(user: User, password: Secret[str] | None) -> None:
    """Set it without saving, or none at all. Raises InvalidInput for a weak one."""
    if password is None:
        user.set_unusable_password()
        return
    try:
        validate_password(password.reveal(), user)
    except ValidationError as error:
        raise InvalidInput(f"Password: {' '.join(error.messages)}") from None
    user.set_password(password.reveal())


def _locked(user_id: int) -> User:
    return _found(User.objects.select_for_update().filter(pk=user_id).first(), user_id)


def _found(user: User | None, user_id: int) -> User:
    if user is None:
        raise NotFound(f"There is no user with id {user_id}.")
    return user


def _audit(operation: Operation, user: User, actor: Actor, **states: Any) -> None:
    audit.record(
        operation,
        Category.SecurityIdentity,
        actor=actor,
        name=user.account_name,
        identifier=user.pk,
        **states,
    )
