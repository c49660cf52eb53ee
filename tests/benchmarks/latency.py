"""How long one person waits when nothing else runs: from a decision to what follows from it."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

import httpx2
import psycopg

from tests import world as scenery
from tests.benchmarks import scenarios
from tests.functional.cast import Cast, approval, decision, from_start_to_end
from tests.product import Product
from workflows.access.actors import Actor
from workflows.engine.writing import CHANNEL
from workflows.models import DefinitionVersion
from workflows.vocabulary.statuses import InstanceStatus

_PATIENCE = 30


class Latency(NamedTuple):
    """Milliseconds."""

    p50: float
    p99: float


def of(seconds: list[float]) -> Latency:
    ordered = sorted(seconds)
    return Latency(ordered[len(ordered) // 2] * 1000, ordered[int(len(ordered) * 0.99)] * 1000)


def signal_to_next_step(url: str, version: DefinitionVersion, actor: Actor, count: int) -> Latency:
    """Until the steps behind the approval are committed."""
    with watching(url) as watch:
        return of([_one_signal(watch, version, actor) for _ in range(count)])


def approval_to_certificate(product: Product, count: int) -> Latency:
    """From sending the approval by HTTP until the certificate is committed."""
    with product.client() as administrator, watching(product.database_url) as watch:
        cast = Cast(product, administrator)
        requester = cast.person("requester", "/certificates/enrollment/csr/")
        approver = cast.person("approver", "/workflows/instances/read/pending/")
        steps = from_start_to_end(approval(cast.role("approvers", "approver"), 1))
        with cast.definition("Enrollment", "WebServer", steps):
            found = of([_one_certificate(watch, requester, approver) for _ in range(count)])
        cast.close()
        return found


class Watch:
    """A connection that hears which instances move."""

    def __init__(self, connection: psycopg.Connection) -> None:
        self._connection = connection

    def until(self, column: str, value: object, status: InstanceStatus) -> float:
        """The moment when that instance was seen with that status. Raises TimeoutError."""
        statement = f"SELECT status FROM workflows_instance WHERE {column} = %s"  # our own column names
        end = time.monotonic() + _PATIENCE
        while self._connection.execute(statement, (value,)).fetchone() != (int(status),):
            if time.monotonic() > end:
                raise TimeoutError(f"instance {value} does not become {status.name}")
            for _ in self._connection.notifies(timeout=1, stop_after=1):
                pass
        return time.monotonic()


@contextmanager
def watching(url: str) -> Iterator[Watch]:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f"LISTEN {CHANNEL}")
        yield Watch(connection)


def _one_signal(watch: Watch, version: DefinitionVersion, actor: Actor) -> float:
    instance_id = scenarios.start(version)
    watch.until("id", instance_id, InstanceStatus.Suspended)
    time.sleep(0.05)  # the worker is back at its broker
    begun = time.monotonic()
    scenarios.signal(instance_id, actor)
    return watch.until("id", instance_id, InstanceStatus.Complete) - begun


def _one_certificate(watch: Watch, requester: httpx2.Client, approver: httpx2.Client) -> float:
    body = {"CSR": scenery.csr(), "Template": "WebServer"}
    answer = requester.post("/api/Enrollment/CSR", json=body).raise_for_status()
    guid = json.loads(answer.text)["CertificateInformation"]["WorkflowInstanceId"]
    watch.until("guid", guid, InstanceStatus.Suspended)
    time.sleep(0.05)
    begun = time.monotonic()
    approver.post(f"/api/Workflow/Instances/{guid}/Signals", json=decision(approved=True)).raise_for_status()
    return watch.until("guid", guid, InstanceStatus.Complete) - begun
