"""Waking workers. PostgreSQL is the truth; a message only says "wake up, queue Q".

At most one wake-up per queue is outstanding. Waking never raises: a dead broker costs latency (the next tick
finds what is ready), never an error page.
"""

from __future__ import annotations

import enum
import threading

import structlog
from celery import current_app
from django.conf import settings
from django.db import connection, transaction
from redis import Redis
from redis.exceptions import RedisError

log = structlog.get_logger(__name__)


class Queue(enum.StrEnum):
    INTERACTIVE = "interactive"  # a person waits
    BULK = "bulk"  # mass events
    SIGNING = "signing"  # steps that need CA keys
    MAINTENANCE = "maintenance"


WAKE_SECONDS = 5  # a lost wake-up blocks no further one for longer than this
RUN_TURNS = "workflows.run_turns"
_local = threading.local()


def wake_on_commit(queue: str) -> None:
    """Wake the queue when the current transaction has committed."""
    transaction.on_commit(lambda: wake(queue))


def wake(queue: str) -> None:
    """Send one wake-up unless one is outstanding."""
    try:
        if _redis().set(_flag(queue), 1, nx=True, ex=WAKE_SECONDS):
            _send(queue)
    except (RedisError, OSError) as error:
        log.warning(
            "wake-up not sent; the next tick will find the work", queue=queue, error=type(error).__name__
        )


def clear(queue: str) -> None:
    """Allow the next wake-up; called before claiming, so that nothing made ready meanwhile is missed."""
    try:
        _redis().delete(_flag(queue))
    except (RedisError, OSError):
        log.warning("wake-up flag not cleared; it expires by itself", queue=queue)


def wake_ready_queues() -> None:
    """Wake every queue that has something ready: the safety net of each tick."""
    with connection.cursor() as cursor:
        cursor.execute(_READY_QUEUES)
        ready = [name for (name,) in cursor.fetchall()]
    for name in ready:
        wake(name)


_READY_QUEUES = """
    SELECT name FROM unnest(ARRAY['interactive', 'bulk', 'signing']) AS name
    WHERE EXISTS (
        SELECT FROM workflows_instance i WHERE i.queue = name AND i.ready_at <= statement_timestamp()
    )
"""


def _send(queue: str) -> None:
    try:
        current_app.send_task(RUN_TURNS, args=[queue], queue=queue, retry=False, expires=60)
    except Exception as error:  # noqa: BLE001 - kombu raises many kinds; none may reach the caller
        clear(queue)
        log.warning(
            "wake-up not sent; the next tick will find the work", queue=queue, error=type(error).__name__
        )


def _flag(queue: str) -> str:
    return f"countersign:wake:{queue}"


def _redis() -> Redis:
    client: Redis | None = getattr(_local, "redis", None)
    if client is None:
        client = _local.redis = Redis.from_url(settings.REDIS_URL, socket_timeout=1, socket_connect_timeout=1)
    return client
