"""Whether everything a request or a worker needs is there (`/readyz`, `manage.py healthcheck`)."""

from __future__ import annotations

from functools import cache

import redis
from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor

# Every worker writes it while it lives; it vanishes when the last one is gone.
WORKER_KEY = "countersign:worker-seen"
WORKER_SECONDS = 15


def problems() -> dict[str, str]:
    """What is missing, by part; empty when all is well."""
    return {**_database(), **_broker()}


def _database() -> dict[str, str]:
    try:
        connection.ensure_connection()
        if not _migrated():
            return {"migrations": "not all applied; run `manage.py migrate`"}
    except DatabaseError:
        return {"database": "does not answer"}
    return {}


def _broker() -> dict[str, str]:
    try:
        seen = broker().exists(WORKER_KEY)
    except redis.RedisError:
        return {"broker": "does not answer"}
    return {} if seen else {"worker": f"none was seen for {WORKER_SECONDS} seconds"}


@cache
def broker() -> redis.Redis:
    """A client that gives up after a second."""
    client: redis.Redis = redis.Redis.from_url(settings.REDIS_URL, socket_timeout=1, socket_connect_timeout=1)
    return client


class _Migrated:
    """Once applied, migrations stay applied as long as this code runs."""

    done = False


def _migrated() -> bool:
    if not _Migrated.done:
        executor = MigrationExecutor(connection)
        _Migrated.done = not executor.migration_plan(executor.loader.graph.leaf_nodes())
    return _Migrated.done
