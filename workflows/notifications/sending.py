"""Sending what is due: each mail at least once, and rarely more.

The attempt is committed before the mail server is called, together with the time of the next one. A worker
that dies between the server's acceptance and our note of it sends the mail again then, under the same
Message-ID, by which mail programs know a copy. The other order could lose a mail that somebody waits for.
"""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import structlog
from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet

from workflows.connectors import mail
from workflows.connectors.addresses import OutboundPolicy
from workflows.connectors.mail import Mailbox, MailMessage, MailServer, Security
from workflows.connectors.outbound import Login
from workflows.encryption import Secret
from workflows.errors import DomainError, OutsideCallFailed
from workflows.models import Notification, NotificationStatus
from workflows.notifications.plain_text import plain_text

log = structlog.get_logger(__name__)

DELAYS = tuple(timedelta(minutes=each) for each in (1, 5, 20, 60, 60))  # from each attempt to the next
ATTEMPTS = len(DELAYS)
BUDGET = 30.0  # seconds of one call; what is left over is due at the next


def send_due(now: datetime) -> int:
    """Send what is due, oldest first; without a mail server keep it. Returns how many mails were tried."""
    if not settings.EMAIL_HOST:
        _due(now).update(status=NotificationStatus.Kept)
        return 0
    _due(now).filter(attempts__gte=ATTEMPTS).update(
        status=NotificationStatus.Failed, error="The worker stopped each time it tried to send this mail."
    )
    begun, tried = time.monotonic(), 0
    while (passed := time.monotonic() - begun) < BUDGET:
        moment = now + timedelta(seconds=passed)
        row = _claim(moment)
        if row is None:
            break
        _try(row, moment)
        tried += 1
    return tried


def _due(now: datetime) -> QuerySet[Notification]:
    return Notification.objects.filter(status=NotificationStatus.Queued, due_at__lte=now)


@transaction.atomic
def _claim(now: datetime) -> Notification | None:
    """The oldest mail that is due, its attempt committed: no other worker takes it meanwhile."""
    row = _due(now).order_by("due_at").select_for_update(skip_locked=True).first()
    if row is not None:
        row.attempts += 1
        row.due_at = now + DELAYS[row.attempts - 1]
        row.save(update_fields=["attempts", "due_at"])
    return row


def _try(row: Notification, now: datetime) -> None:
    try:
        mail.send(_message(row), _server(), _policy())
    except OutsideCallFailed as error:
        _failed(row, str(error), for_good=not error.retryable)
    except DomainError as error:
        _failed(row, str(error), for_good=True)
    except Exception:
        log.exception("sending a mail crashed", notification=row.pk)
        _failed(row, "An unexpected error; the log of the worker has the details.", for_good=False)
    else:
        _note(row, status=NotificationStatus.Sent, sent_at=now, error="")


def _failed(row: Notification, reason: str, *, for_good: bool) -> None:
    is_last = for_good or row.attempts >= ATTEMPTS
    _note(row, error=reason, status=NotificationStatus.Failed if is_last else NotificationStatus.Queued)


def _note(row: Notification, **values: Any) -> None:
    """Store what became of this attempt, unless a later one has begun."""
    Notification.objects.filter(pk=row.pk, attempts=row.attempts).update(**values)


def _message(row: Notification) -> MailMessage:
    to = Mailbox(row.recipients[0])
    sender = Mailbox.of(settings.DEFAULT_FROM_EMAIL).address
    return MailMessage(
        to=to,
        subject=row.subject,
        text=plain_text(row.html),
        html=row.html,
        message_id=f"<{row.created_at:%Y%m%d%H%M%S}.{row.pk}@{sender.rpartition('@')[2]}>",
        headers=(("Auto-Submitted", "auto-generated"),),  # RFC 3834: no absence note answers it
    )


def _server() -> MailServer:
    user, password = settings.EMAIL_HOST_USER, settings.EMAIL_HOST_PASSWORD
    return MailServer(
        host=settings.EMAIL_HOST,
        port=settings.EMAIL_PORT,
        sender=Mailbox.of(settings.DEFAULT_FROM_EMAIL),
        security=Security.STARTTLS if settings.EMAIL_USE_TLS else Security.NONE,
        login=Login(user, Secret(password)) if user else None,
        timeout=settings.EMAIL_TIMEOUT,
    )


def _policy() -> OutboundPolicy:
    """The mail server was named by an administrator and may be private."""
    policy: OutboundPolicy = settings.OUTBOUND_POLICY
    return replace(policy, allowed_hosts=(*policy.allowed_hosts, settings.EMAIL_HOST.lower()))
