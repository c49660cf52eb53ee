"""API tokens: made for oneself, or by an administrator for a service; shown once."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from workflows import audit
from workflows.access import policies, tokens
from workflows.access.actors import Actor
from workflows.encryption import Secret
from workflows.errors import InvalidInput, NotFound
from workflows.models import ApiToken, User
from workflows.vocabulary.auditing import Category, Operation
from workflows.vocabulary.permissions import Permission, is_known


def visible(actor: Actor) -> QuerySet[ApiToken]:
    """One's own; everybody's to who may read security."""
    rows = ApiToken.objects.select_related("user").order_by("name", "pk")
    return rows if actor.may(Permission.SECURITY_READ) else rows.filter(user=actor.user_id)


def create(
    *,
    actor: Actor,
    name: str,
    scopes: Sequence[str] = (),
    expires_at: datetime | None = None,
    user_id: int | None = None,
) -> tuple[ApiToken, Secret[str]]:
    """A token and its text; without scopes it may what its user may. Raises InvalidInput."""
    owner = _owner(user_id, actor)
    _check_scopes(scopes, actor)
    if expires_at is not None and expires_at <= timezone.now():
        raise InvalidInput("ExpiresAt lies in the past.")
    with transaction.atomic():
        token, text = tokens.issue(owner, name=name, scopes=scopes, expires_at=expires_at)
        _audit(Operation.Created, token, actor)
    return token, Secret(text)


def delete(token_id: int, *, actor: Actor) -> None:
    """End a token: one's own, or anybody's by who may change security. Raises NotFound."""
    rows = ApiToken.objects.select_related("user")
    if not actor.may(Permission.SECURITY_MODIFY):
        rows = rows.filter(user=actor.user_id)
    with transaction.atomic():
        token = rows.select_for_update(of=("self",)).filter(pk=token_id).first()
        if token is None:
            raise NotFound(f"There is no token with id {token_id}, or it is not yours.")
        _audit(Operation.Deleted, token, actor)
        token.delete()


def _owner(user_id: int | None, actor: Actor) -> User:
    """A person makes his own tokens, so that nobody acts under another person's name."""
    if user_id in (None, actor.user_id):
        return User.objects.get(pk=actor.user_id or 0)
    policies.require(actor, Permission.SECURITY_MODIFY)
    owner = User.objects.filter(pk=user_id, is_active=True, is_service=True).first()
    if owner is None:
        raise InvalidInput(
            f"There is no active service user with id {user_id}; people make their own tokens."
        )
    return owner


def _check_scopes(scopes: Sequence[str], actor: Actor) -> None:
    """A token never gives more than its maker holds at this moment, scopes of his own token included."""
    if unknown := [scope for scope in scopes if not is_known(scope)]:
        raise InvalidInput(
            f"{', '.join(unknown)}: no such access-control string (GET /Permissions lists them)."
        )
    if actor.scopes is not None and not scopes:
        raise InvalidInput("A token with scopes makes only tokens with scopes. Name them.")
    for scope in scopes:
        policies.require(actor, scope)


def _audit(operation: Operation, token: ApiToken, actor: Actor) -> None:
    state = {
        "name": token.name,
        "user": token.user.account_name,
        "prefix": token.prefix,
        "scopes": token.scopes,
    }
    was_there = operation is Operation.Deleted
    audit.record(
        operation,
        Category.ApiToken,
        actor=actor,
        name=token.name,
        identifier=token.pk,
        before=state if was_there else None,
        after=None if was_there else state,
    )
