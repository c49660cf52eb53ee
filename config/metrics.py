"""`/metrics` for Prometheus: the state of the queues, read from the database at the moment of the question.

Numbers of one process (requests, memory) are not here: each question reaches another process.
"""

from __future__ import annotations

import hmac
import ipaddress
from collections.abc import Iterator

from django.conf import settings
from django.db import DatabaseError, connection
from django.db.backends.utils import CursorWrapper
from django.http import HttpRequest, HttpResponse
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.metrics_core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from config.middleware import is_address

# Each reads a partial index, or rows that exist only as long as somebody is waited for.
_QUEUES = """
    SELECT queue, count(*), COALESCE(EXTRACT(EPOCH FROM now() - min(ready_at)), 0)
    FROM workflows_instance WHERE ready_at <= now() GROUP BY queue
"""
_WAITING = "SELECT count(DISTINCT instance_id) FROM workflows_pendingsignal"
_MAILS = "SELECT count(*) FROM workflows_notification WHERE status = 0"


class _Queues(Collector):
    def collect(self) -> Iterator[Metric]:
        ready = GaugeMetricFamily(
            "countersign_ready_instances", "Instances that a worker may take", labels=["queue"]
        )
        age = GaugeMetricFamily(
            "countersign_ready_age_seconds", "How long the oldest of them has been ready", labels=["queue"]
        )
        with connection.cursor() as cursor:
            cursor.execute(_QUEUES)
            for queue, count, seconds in cursor.fetchall():
                ready.add_metric([queue], count)
                age.add_metric([queue], float(seconds))
            waiting = _number(cursor, _WAITING)
            mails = _number(cursor, _MAILS)
        yield ready
        yield age
        yield GaugeMetricFamily(
            "countersign_waiting_instances", "Instances that wait for people", value=waiting
        )
        yield GaugeMetricFamily("countersign_queued_mails", "Mails that are not sent yet", value=mails)


def _number(cursor: CursorWrapper, query: str) -> int:
    cursor.execute(query)
    row = cursor.fetchone()
    return int(row[0]) if row else 0


_registry = CollectorRegistry(auto_describe=False)
_registry.register(_Queues())


def metrics(request: HttpRequest) -> HttpResponse:
    """200 with the numbers; 403 for whom they are not meant; 503 without a database."""
    if not _may_read(request):
        return HttpResponse("Send METRICS_TOKEN as a bearer token.\n", status=403, content_type="text/plain")
    try:
        return HttpResponse(generate_latest(_registry), content_type=CONTENT_TYPE_LATEST)
    except DatabaseError:
        return HttpResponse("The database does not answer.\n", status=503, content_type="text/plain")


def _may_read(request: HttpRequest) -> bool:
    """The token where one is set; else a caller on this machine, and no proxy that speaks for another."""
    if settings.METRICS_TOKEN:
        given = request.headers.get("Authorization", "")
        return hmac.compare_digest(given.encode(), f"Bearer {settings.METRICS_TOKEN}".encode())
    is_forwarded = "X-Forwarded-For" in request.headers or "Forwarded" in request.headers
    caller = request.META.get("REMOTE_ADDR", "")
    return not is_forwarded and is_address(caller) and ipaddress.ip_address(caller).is_loopback
