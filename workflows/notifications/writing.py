"""Writing notifications, in the transaction of the decision that they tell about."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from workflows.models import Notification, NotificationStatus
from workflows.notifications.recipients import Recipient, resolve

_ADDRESS_LENGTH = 320  # of the column; RFC 5321 allows fewer, so only what is no address is cut


def notify(
    recipients: Iterable[str], subject: str, html: str, *, instance_id: int | None, now: datetime
) -> None:
    """Queue one mail for each of `recipients`: addresses, several joined by `;`, and `role:<name>`."""
    notify_each(resolve(recipients), subject, html, instance_id=instance_id, now=now)


def notify_each(
    recipients: Iterable[Recipient], subject: str, html: str, *, instance_id: int | None, now: datetime
) -> None:
    """Queue one mail for each person, so that one bad mailbox concerns nobody else.

    Never raises for a bad one: its row is born failed and says why.
    """
    one_line = " ".join(subject.split())
    Notification.objects.bulk_create(
        Notification(
            instance_id=instance_id,
            recipients=[each.address[:_ADDRESS_LENGTH]],
            subject=one_line,
            html=html,
            status=_status(each),
            error=each.problem,
            due_at=now,
            created_at=now,
        )
        for each in recipients
    )


def note_unwritten(
    recipients: Iterable[str], subject: str, why: str, *, instance_id: int, now: datetime
) -> None:
    """Keep, beside the mails of an instance, that one could not be written and why; texts as the author has
    them."""
    Notification.objects.create(
        instance_id=instance_id,
        recipients=[each[:_ADDRESS_LENGTH] for each in recipients],
        subject=" ".join(subject.split()),
        html="",
        status=NotificationStatus.Failed,
        error=why,
        due_at=now,
        created_at=now,
    )


def _status(recipient: Recipient) -> NotificationStatus:
    return NotificationStatus.Failed if recipient.problem else NotificationStatus.Queued
