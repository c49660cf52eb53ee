"""What every person may do about his own account: password, time zone, sessions."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.models import Session
from django.db import transaction

from workflows import audit
from workflows.access import passwords
from workflows.access.actors import Actor
from workflows.actions import users
from workflows.encryption import Secret
from workflows.errors import NotFound
from workflows.models import User
from workflows.vocabulary.auditing import Category, Operation

READ_AT_MOST = 5_000  # sessions name their person only inside, so all are read; more are not looked at


@dataclass(frozen=True)
class OwnSession:
    """`number` stands for the key, which is a secret: whoever knows it is logged in."""

    number: int
    began_at: datetime  # when it was last written, which is at the log-in
    ends_at: datetime
    is_current: bool


def change_password(current: str, new: Secret[str], *, actor: Actor, address: str, now: datetime) -> User:
    """Replace one's own password, which ends all sessions that knew the old one.

    Raises NotAuthenticated and TooManyAttempts for the current one, InvalidInput for a weak new one.
    """
    user = passwords.verify(_own(actor).username, current, address=address, now=now)
    with transaction.atomic():
        users.give_password(user, new)
        user.save(update_fields=["password"])
        _audit(Operation.Reset, user, actor, after={"password": "replaced"})
    return user


def set_time_zone(name: str, *, actor: Actor) -> User:
    """In which one's own pages show times. Raises InvalidInput."""
    users.check_time_zone(name)
    with transaction.atomic():
        user = _own(actor)
        before = {"time_zone": user.time_zone}
        user.time_zone = name
        user.save(update_fields=["time_zone"])
        _audit(Operation.Updated, user, actor, before=before, after={"time_zone": name})
    return user


def sessions(actor: Actor, *, current_key: str, now: datetime) -> list[OwnSession]:
    """One's own sessions that have not run out, the newest first."""
    age = timedelta(seconds=settings.SESSION_COOKIE_AGE)
    return [
        OwnSession(number, row.expire_date - age, row.expire_date, row.session_key == current_key)
        for number, row in enumerate(_own_rows(actor, now), start=1)
    ]


def end_other_sessions(*, actor: Actor, current_key: str, now: datetime) -> int:
    """Log oneself out everywhere else; returns how many sessions that ended."""
    others = [row.session_key for row in _own_rows(actor, now) if row.session_key != current_key]
    with transaction.atomic():
        Session.objects.filter(session_key__in=others).delete()
        audit.record(
            Operation.LoggedOut,
            Category.Session,
            actor=actor,
            name=actor.name,
            identifier=actor.user_id,
            after={"Sessions": len(others)},
        )
    return len(others)


def _own_rows(actor: Actor, now: datetime) -> Iterator[Session]:
    rows = Session.objects.filter(expire_date__gt=now).order_by("-expire_date")
    for row in rows[:READ_AT_MOST]:
        if row.get_decoded().get(SESSION_KEY) == str(actor.user_id):
            yield row


def _own(actor: Actor) -> User:
    user = User.objects.filter(pk=actor.user_id or 0, is_active=True).first()
    if user is None:
        raise NotFound("You have no account here.")
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
