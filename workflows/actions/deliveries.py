"""Sending what subscribers are to be told: each message at least once, and rarely more.

As with mails, an attempt is committed before the call, with the time of the next one; a repetition carries
the same id. A server that does not answer holds up its own subscription only.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import takewhile
from typing import Any

import structlog
from django.conf import settings
from django.db import transaction
from django.db.models import Exists, F, OuterRef

from workflows.actions import subscriptions
from workflows.connectors import webhooks
from workflows.connectors.webhooks import Message
from workflows.errors import DomainError
from workflows.models import DeliveryState, Subscription, WebhookDelivery
from workflows.vocabulary.statuses import InstanceStatus

log = structlog.get_logger(__name__)

# From each attempt to the next; after the last one the message is given up.
DELAYS = tuple(timedelta(seconds=each) for each in (5, 30, 120, 600, 1800, 3600, 7200, 14400, 28800, 28800))
ATTEMPTS = len(DELAYS)
OLDEST = timedelta(days=2)  # a message that waited for longer, behind others or while off, is given up
KEPT = timedelta(days=14)  # what was told, and what could not be
FORGOTTEN_AT_ONCE = 10_000  # messages; what is left over is forgotten next time
LONGEST_PAUSE = 300  # seconds until a server that failed is tried again with any message
TIMEOUT = 10.0  # seconds for one message
BUDGET = 20.0  # seconds of one call; what is left over is due at the next

TYPES = {
    InstanceStatus.Suspended: "workflow.suspended",
    InstanceStatus.Failed: "workflow.failed",
    InstanceStatus.Complete: "workflow.completed",
    InstanceStatus.Rejected: "workflow.rejected",
    InstanceStatus.CanceledForRestart: "workflow.restarted",
}
_turn = threading.BoundedSemaphore(1)  # slow receivers hold one thread of a process, never all


def send_due(now: datetime) -> int:
    """Send what is due, one message of each subscription in turn; returns how many were tried."""
    if not _turn.acquire(blocking=False):
        return 0
    try:
        return _send_due(now, time.monotonic())
    finally:
        _turn.release()


def forget_old(now: datetime) -> None:
    """Give up what has waited for too long, and forget what is long over."""
    queued = WebhookDelivery.objects.filter(state=DeliveryState.Queued, created_at__lt=now - OLDEST)
    queued.update(state=DeliveryState.Failed, error="It waited for too long.")
    oldest = WebhookDelivery.objects.order_by("pk").values_list("pk", "created_at")[:FORGOTTEN_AT_ONCE]
    over = [id_ for id_, created_at in takewhile(lambda row: row[1] < now - KEPT, oldest)]
    WebhookDelivery.objects.filter(pk__in=over).delete()


def _send_due(now: datetime, begun: float) -> int:
    tried = 0
    while (passed := time.monotonic() - begun) < BUDGET:
        moment = now + timedelta(seconds=passed)
        round_ = [row for each in _ready(moment) if (row := _claim(each, moment)) is not None]
        for row in round_:
            _try(row, moment)
        tried += len(round_)
        if not round_:
            break
    return tried


def _ready(now: datetime) -> Sequence[int]:
    """The subscriptions with something to send now."""
    due = WebhookDelivery.objects.filter(
        subscription=OuterRef("pk"), state=DeliveryState.Queued, due_at__lte=now
    )
    rows = Subscription.objects.filter(Exists(due), enabled=True).exclude(paused_until__gt=now)
    return list(rows.order_by("pk").values_list("pk", flat=True))


@transaction.atomic
def _claim(subscription_id: int, now: datetime) -> WebhookDelivery | None:
    """Its oldest message that is due, the attempt committed: no other worker takes it meanwhile."""
    rows = WebhookDelivery.objects.select_related("subscription__definition").filter(
        subscription=subscription_id, state=DeliveryState.Queued, due_at__lte=now
    )
    row = rows.order_by("due_at", "pk").select_for_update(of=("self",), skip_locked=True).first()
    if row is not None:
        row.attempts += 1
        row.due_at = now + DELAYS[row.attempts - 1]
        row.save(update_fields=["attempts", "due_at"])
    return row


def _try(row: WebhookDelivery, now: datetime) -> None:
    try:
        answer = webhooks.post(_message(row), now, settings.OUTBOUND_POLICY)
    except DomainError as error:
        _failed(row, now, str(error), status=None)
    except Exception:
        log.exception("sending a webhook crashed", delivery=row.pk)
        _failed(row, now, "An unexpected error; the log of the worker has the details.", status=None)
    else:
        if 200 <= answer.status < 300:
            _delivered(row, now, answer.status)
        else:
            _failed(row, now, f"The server answered {answer.status}.", status=answer.status)


def _message(row: WebhookDelivery) -> Message:
    event = {
        "type": TYPES[InstanceStatus(row.change)],
        "timestamp": row.created_at.isoformat(),
        "data": row.data,
    }
    return Message(
        url=row.subscription.url,
        body=json.dumps(event, ensure_ascii=False, separators=(",", ":")).encode(),
        key=subscriptions.key_of(row.subscription),
        identifier=f"msg_{row.guid}",
        timeout=TIMEOUT,
    )


def _delivered(row: WebhookDelivery, now: datetime, status: int) -> None:
    _note(row, state=DeliveryState.Delivered, status_code=status, error="", delivered_at=now)
    Subscription.objects.filter(pk=row.subscription_id).update(
        failures=0, last_error="", paused_until=None, delivered_at=now
    )


def _failed(row: WebhookDelivery, now: datetime, reason: str, *, status: int | None) -> None:
    """Try this one again later, and the others after a pause unless the server is there and only declines."""
    is_last = row.attempts >= ATTEMPTS
    state = DeliveryState.Failed if is_last else DeliveryState.Queued
    _note(row, state=state, status_code=status, error=reason)
    declines = status is not None and 400 <= status < 500 and status != 429
    pause = 0 if declines else min(2 ** min(row.subscription.failures, 10), LONGEST_PAUSE)
    Subscription.objects.filter(pk=row.subscription_id).update(
        failures=F("failures") + 1, last_error=reason, paused_until=now + timedelta(seconds=pause)
    )


def _note(row: WebhookDelivery, **values: Any) -> None:
    """Store what became of this attempt, unless a later one has begun."""
    WebhookDelivery.objects.filter(pk=row.pk, attempts=row.attempts).update(**values)
