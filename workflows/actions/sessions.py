"""Logging in to the portal and out of it: verified, throttled and audited."""

from __future__ import annotations

from datetime import datetime

from workflows import audit
from workflows.access import passwords, second_factors
from workflows.access.actors import Actor, actor_for
from workflows.models import User
from workflows.vocabulary.auditing import Category, Operation


def log_in(username: str, password: str, *, address: str, now: datetime) -> User:
    """Whose name and password this is; he may owe a code yet. Raises NotAuthenticated, TooManyAttempts."""
    user = passwords.verify(username, password, address=address, now=now)
    if not second_factors.is_asked_of(user):
        note_log_in(user, address, "Password")
    return user


def confirm(user: User, code: str, *, address: str, now: datetime) -> None:
    """The second step of somebody whose password was right. Raises NotAuthenticated, TooManyAttempts."""
    second_factors.verify(user, code, address=address, now=now)
    note_log_in(user, address, "Password and code")


def note_log_in(user: User, address: str, way: str) -> None:
    """Say in the audit log that somebody came in, from where and by which way."""
    _audit(Operation.LoggedIn, actor_for(user), {"Address": address, "Way": way})


def log_out(actor: Actor) -> None:
    """Note that the person ended his session."""
    _audit(Operation.LoggedOut, actor, None)


def _audit(operation: Operation, actor: Actor, after: dict[str, str] | None) -> None:
    audit.record(
        operation, Category.Session, actor=actor, name=actor.name, identifier=actor.user_id, after=after
    )
