"""Waking workers. PostgreSQL is the truth; a message only says "wake up, queue Q".

At most one wake-up per queue is outstanding, and none is sent while a worker is about to look again anyway.
Waking never raises: a dead broker costs latency (the next tick finds what is ready), never an error page.
"""

from __future__ import annotations

import enum
import threading
import time
from collections.abc import Callable

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
HOLD_MILLISECONDS = 50  # a worker busy for longer than this with one turn gets help
SPREAD_MILLISECONDS = 100
SILENCE_SECONDS = 1.0  # after a failure nothing waits for the broker for so long
RUN_TURNS = "workflows.run_turns"
_local = threading.local()
_silent_until = 0.0


def wake_on_commit(queue: str) -> None:
    """Wake the queue when the current transaction has committed."""
    transaction.on_commit(lambda: wake(queue))


def wake(queue: str) -> None:
    """Send one wake-up unless one is outstanding, or a worker is about to look anyway."""
    if _ask(lambda redis: redis.set(_flag(queue), 1, nx=True, ex=WAKE_SECONDS)):
        _send(queue)


def hold(queue: str) -> None:
    """Say that a worker looks at the queue now and will look again: until then nobody needs to wake one."""
    _ask(lambda redis: redis.set(_flag(queue), 1, px=HOLD_MILLISECONDS))


def clear(queue: str) -> None:
    """Allow the next wake-up; called before the last look, so that nothing made ready meanwhile is missed."""
    _ask(lambda redis: redis.delete(_flag(queue)))


def wake_another(queue: str) -> None:
    """Wake one more worker for a queue that is full, at most every tenth of a second."""
    if _ask(lambda redis: redis.set(f"{_flag(queue)}:more", 1, nx=True, px=SPREAD_MILLISECONDS)):
        _send(queue)


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


def _ask(command: Callable[[Redis], object]) -> object:
    """What Redis answers; None, at once, while it has lately failed to."""
    if time.monotonic() < _silent_until:
        return None
    try:
        return command(_redis())
    except (RedisError, OSError) as error:
        _be_silent(error)
        return None


def _send(queue: str) -> None:
    try:
        current_app.send_task(RUN_TURNS, args=[queue], queue=queue, retry=False, expires=60)
    except Exception as error:  # noqa: BLE001 - kombu raises many kinds; none may reach the caller
        clear(queue)
        _be_silent(error)


def _be_silent(error: Exception) -> None:
    global _silent_until  # noqa: PLW0603 - one broker a process
    _silent_until = time.monotonic() + SILENCE_SECONDS
    log.warning("the broker fails; the next tick will find the work", error=type(error).__name__)


def _flag(queue: str) -> str:
    return f"countersign:wake:{queue}"


def _redis() -> Redis:
    client: Redis | None = getattr(_local, "redis", None)
    if client is None:
        client = _local.redis = Redis.from_url(settings.REDIS_URL, socket_timeout=1, socket_connect_timeout=1)
    return client
