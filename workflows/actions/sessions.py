"""Logging in to the portal and out of it: verified, throttled and audited."""

from __future__ import annotations

from datetime import datetime

from workflows import audit
from workflows.access import passwords
from workflows.access.actors import Actor, actor_for
from workflows.models import User
from workflows.vocabulary.auditing import Category, Operation


def log_in(username: str, password: str, *, address: str, now: datetime) -> User:
    """The person with this name and password. Raises NotAuthenticated, TooManyAttempts."""
    user = passwords.verify(username, password, address=address, now=now)
    _audit(Operation.LoggedIn, actor_for(user), {"Address": address})
    return user


def log_out(actor: Actor) -> None:
    """Note that the person ended his session."""
    _audit(Operation.LoggedOut, actor, None)


def _audit(operation: Operation, actor: Actor, after: dict[str, str] | None) -> None:
    audit.record(
        operation, Category.Session, actor=actor, name=actor.name, identifier=actor.user_id, after=after
    )
