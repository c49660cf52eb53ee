"""What Celery runs: one line of work each. PostgreSQL knows what is due; a lost message costs a second."""

from __future__ import annotations

from collections.abc import Callable

import structlog
from celery import shared_task
from django.contrib.sessions.backends.db import SessionStore
from django.db import DatabaseError, close_old_connections
from django.utils import timezone

from workflows import notifications
from workflows.access import throttling
from workflows.actions import aging, deliveries, list_marks, signing
from workflows.engine import awaiting, events, queue, stopping, turns

log = structlog.get_logger(__name__)


@shared_task(name="workflows.run_turns")
def run_turns(queue_name: str) -> None:
    """Take turns on a queue until nothing is ready."""
    _with_connection(lambda: turns.run_turns(queue_name))


@shared_task(name="workflows.tick")
def tick() -> None:
    """Every second: deliver events, apply open stops, wake whoever and whatever is due."""
    parts = (queue.wake_ready_queues, stopping.sweep, awaiting.sweep, lambda: events.deliver(timezone.now()))
    for work in parts:
        try:
            _with_connection(work)
        except DatabaseError as error:  # one part that fails must not keep the others from their second
            log.warning("part of a tick failed; the next one tries again", error=type(error).__name__)


@shared_task(name="workflows.send_notifications")
def send_notifications() -> None:
    _with_connection(lambda: notifications.send_due(timezone.now()))


@shared_task(name="workflows.send_webhooks")
def send_webhooks() -> None:
    _with_connection(lambda: deliveries.send_due(timezone.now()))


@shared_task(name="workflows.publish_crls")
def publish_crls() -> None:
    _with_connection(lambda: signing.publish_due_crls(timezone.now()))


@shared_task(name="workflows.housekeeping")
def housekeeping() -> None:
    """Forget what is over: counts of wrong passwords, ended sessions, old messages."""
    _with_connection(lambda: throttling.forget_expired(timezone.now()))
    _with_connection(SessionStore.clear_expired)
    _with_connection(lambda: deliveries.forget_old(timezone.now()))


@shared_task(name="workflows.purge")
def purge() -> None:
    """Delete old instances and audit entries when it is time to look for them."""
    _with_connection(lambda: aging.run_due(timezone.now()))


@shared_task(name="workflows.mark_lists")
def mark_lists() -> None:
    """Let jumps into the lists of all instances find marks that are a few minutes old."""
    _with_connection(list_marks.renew)


def _with_connection(work: Callable[[], object]) -> None:
    """Run with a live connection and hand it back to the pool; what fails, the next tick tries again."""
    close_old_connections()
    try:
        work()
    finally:
        close_old_connections()
