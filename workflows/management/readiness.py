"""Whether everything a request or a worker needs is there (`/readyz`, `manage.py healthcheck`)."""

from __future__ import annotations

import redis
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor

from workflows.engine.liveness import WORKER_KEY, WORKER_SECONDS, broker, worker_seen

__all__ = ["WORKER_KEY", "WORKER_SECONDS", "broker", "problems"]


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
        seen = worker_seen()
    except redis.RedisError:
        return {"broker": "does not answer"}
    return {} if seen else {"worker": f"none was seen for {WORKER_SECONDS} seconds"}


class _Migrated:
    """Once applied, migrations stay applied as long as this code runs."""

    done = False


def _migrated() -> bool:
    if not _Migrated.done:
        executor = MigrationExecutor(connection)
        _Migrated.done = not executor.migration_plan(executor.loader.graph.leaf_nodes())
    return _Migrated.done
