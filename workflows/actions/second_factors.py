"""Adding a second factor to one's own account and taking it away, audited."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from workflows import audit
from workflows.access import policies, second_factors
from workflows.access.actors import Actor
from workflows.models import User
from workflows.vocabulary.auditing import Category, Operation
from workflows.vocabulary.permissions import Permission


def add(user: User, secret: str, code: str, *, actor: Actor) -> list[str]:
    """Ask for codes from now on; returns the recovery codes. Raises NotAuthenticated for a wrong code."""
    with transaction.atomic():
        recovery = second_factors.enroll(user, secret, code)
        _audit(Operation.Updated, user, actor, "added")
    return recovery


def end(user: User, code: str, *, actor: Actor, address: str, now: datetime) -> None:
    """Ask no more, against one last code. Raises NotAuthenticated, TooManyAttempts."""
    second_factors.verify(user, code, address=address, now=now)
    with transaction.atomic():
        second_factors.remove(user)
        _audit(Operation.Updated, user, actor, "removed")


def reset(user: User, *, actor: Actor) -> bool:
    """For somebody who lost his app and his recovery codes; returns whether there was a second factor."""
    policies.require(actor, Permission.SECURITY_MODIFY)
    with transaction.atomic():
        removed = second_factors.remove(user)
        if removed:
            _audit(Operation.Reset, user, actor, "removed")
    return removed


def _audit(operation: Operation, user: User, actor: Actor, what: str) -> None:
    audit.record(
        operation,
        Category.SecurityIdentity,
        actor=actor,
        name=user.account_name,
        identifier=user.pk,
        after={"second_factor": what},
    )
