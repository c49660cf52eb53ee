"""A worker ends during an outside call: killed, the call is made again under its key; asked to, not."""

from __future__ import annotations

import os
import re
import signal
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from django.db import connection
from django.utils import timezone

from tests import builders
from tests.connectors.servers import read_head, scripted
from tests.faults.workers import PATIENCE, work_until, worker
from workflows.models import Instance, StepRun
from workflows.vocabulary.statuses import InstanceStatus, StepRunStatus

pytestmark = [pytest.mark.timeout(900), pytest.mark.django_db(transaction=True)]

ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\nConnection: close\r\n\r\ndone"


@dataclass
class Site:
    """A server that answers when the test lets it, and keeps the idempotency keys it was sent."""

    port: int = 0
    keys: list[str] = field(default_factory=list)
    may_answer: threading.Event = field(default_factory=threading.Event)

    def talk(self, client: socket.socket) -> None:
        head = read_head(client).decode()
        (key,) = re.findall(r"(?im)^idempotency-key: (\S+)\r$", head)
        self.keys.append(key)
        assert self.may_answer.wait(PATIENCE)
        client.sendall(ANSWER)


@pytest.fixture
def site() -> Iterator[Site]:
    site = Site()
    with scripted(site.talk) as site.port:
        yield site
    connection.close()


def start(site: Site) -> Instance:
    parameters = {"URL": f"http://127.0.0.1:{site.port}/", "Verb": "POST", "TimeoutSeconds": 100}
    call = builders.step("RESTRequest", "Call", ConfigurationParameters=parameters)
    return builders.start(builders.publish(builders.chain(call)))


def status_of(instance: Instance) -> InstanceStatus:
    return InstanceStatus(builders.reload(instance).status)


def attempts_at(instance: Instance) -> list[tuple[int, StepRunStatus]]:
    runs = StepRun.objects.filter(instance=instance, step_name="Call").order_by("id")
    return [(run.attempt, StepRunStatus(run.status)) for run in runs]


@contextmanager
def calling(folder: Path, site: Site) -> Iterator[tuple[Instance, int]]:
    """An instance whose call a worker is making right now, and that worker's process id."""
    instance = start(site)
    with worker(folder, "calling") as child:
        work_until(lambda: bool(site.keys), "the call", child)
        assert child.process is not None
        yield instance, child.process.pid
        child.process.wait(PATIENCE)


def test_a_worker_that_is_killed_during_a_call_is_followed_by_another(tmp_path: Path, site: Site) -> None:
    with calling(tmp_path, site) as (instance, pid):
        os.kill(pid, signal.SIGKILL)
    site.may_answer.set()
    assert attempts_at(instance) == [(1, StepRunStatus.Running)]
    Instance.objects.filter(pk=instance.pk).update(ready_at=timezone.now())  # the lease is over
    with worker(tmp_path, "following") as child:
        work_until(lambda: status_of(instance) == InstanceStatus.Complete, "the end", child)
    assert attempts_at(instance) == [(1, StepRunStatus.Lost), (2, StepRunStatus.Done)]
    assert len(site.keys) == 2
    assert len(set(site.keys)) == 1


def test_a_worker_that_is_asked_to_stop_stores_the_answer_it_waits_for(tmp_path: Path, site: Site) -> None:
    with calling(tmp_path, site) as (instance, pid):
        os.kill(pid, signal.SIGTERM)
        site.may_answer.set()
    assert status_of(instance) == InstanceStatus.Complete
    assert attempts_at(instance) == [(1, StepRunStatus.Done)]
    assert len(site.keys) == 1
