"""Signs of life of broker and workers."""

from __future__ import annotations

from functools import cache

import redis
from django.conf import settings

# Every worker writes it while it lives; it vanishes when the last one is gone.
WORKER_KEY = "countersign:worker-seen"
WORKER_SECONDS = 15


def worker_seen() -> bool:
    """Whether a worker has shown itself lately. Raises redis.RedisError when the broker does not answer."""
    return bool(broker().exists(WORKER_KEY))


@cache
def broker() -> redis.Redis:
    """A client that gives up after a second."""
    client: redis.Redis = redis.Redis.from_url(settings.REDIS_URL, socket_timeout=1, socket_connect_timeout=1)
    return client
