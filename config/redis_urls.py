"""One REDIS_URL in the two spellings that the Redis client and Celery want for a unix socket."""

from __future__ import annotations


def for_client(url: str) -> str:
    """`unix://…?db=0` for redis-py; other addresses are the same in both."""
    if not url.startswith("redis+socket://"):
        return url
    return "unix://" + url.removeprefix("redis+socket://").replace("virtual_host=", "db=")


def for_celery(url: str) -> str:
    """`redis+socket://…?virtual_host=0` for Celery."""
    if not url.startswith("unix://"):
        return url
    return "redis+socket://" + url.removeprefix("unix://").replace("db=", "virtual_host=")
