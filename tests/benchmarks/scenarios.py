"""What is measured: how many instances a second end, with real workers, and how much CPU each costs."""

from __future__ import annotations

import multiprocessing
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.pool import Pool

import django
from django.db import connection, transaction
from django.utils import timezone

from tests.benchmarks import cpu
from workflows.access.actors import Actor, actor_for
from workflows.actions import enrollment
from workflows.actions.enrollment_wishes import Wish
from workflows.engine import signals, starting
from workflows.engine.queue import Queue
from workflows.engine.starting import Seed
from workflows.models import DefinitionVersion, Instance, User

CLIENTS = 8  # as many as do `life5`
APPROVAL = "RequireApproval1"
_PATIENCE = 600


@dataclass(frozen=True)
class Rate:
    """`count` instances ended in `seconds`; `used` is the CPU of clients, workers and servers together."""

    count: int
    seconds: float
    used: cpu.Used

    @property
    def per_second(self) -> float:
        return self.count / self.seconds


def bulk(version_id: int, count: int) -> Rate:
    """One source starts all of them, a thousand in a transaction, while the workers run."""
    return _measured(count, lambda: start_in_bulk(version_id, count))


def one_by_one(version_id: int, count: int) -> Rate:
    """Each is started in a transaction of its own, by one of the clients."""
    with clients() as pool:
        shares = [(version_id, count // CLIENTS)] * CLIENTS
        return _measured(count, lambda: pool.starmap(start_each, shares, chunksize=1))


def approved(version_id: int, user_id: int, count: int) -> Rate:
    """Each waits in the middle for one approval, which a client sends through the engine."""

    def work() -> None:
        start_in_bulk(version_id, count)
        wait_until_quiet()
        ids = list(Instance.objects.filter(version=version_id).values_list("pk", flat=True))
        pool.starmap(signal_each, [(ids[n::CLIENTS], user_id) for n in range(CLIENTS)], chunksize=1)

    with clients() as pool:
        return _measured(count, work)


def enrolled(user_id: int, csrs: Sequence[str]) -> Rate:
    """Each request goes through the action and ends with a certificate of the built-in CA."""
    with clients() as pool:
        shares = [(user_id, csrs[n::CLIENTS]) for n in range(CLIENTS)]
        return _measured(len(csrs), lambda: pool.starmap(enroll_each, shares, chunksize=1))


@contextmanager
def clients() -> Iterator[Pool]:
    """Processes that have a database connection and have done everything once."""
    with multiprocessing.get_context("spawn").Pool(CLIENTS, django.setup) as pool:
        pool.map(_connect, range(CLIENTS), chunksize=1)
        yield pool


def start_in_bulk(version_id: int, count: int) -> None:
    version = DefinitionVersion.objects.get(pk=version_id)
    for begin in range(0, count, starting.CHUNK):
        seeds = [seed() for _ in range(min(starting.CHUNK, count - begin))]
        with transaction.atomic():
            starting.start_many(version, seeds, now=timezone.now(), queue_name=Queue.BULK)


def start_each(version_id: int, count: int) -> None:
    version = DefinitionVersion.objects.get(pk=version_id)
    for _ in range(count):
        start(version)


def start(version: DefinitionVersion) -> int:
    with transaction.atomic():
        return starting.start(version, seed(), now=timezone.now()).id


def signal_each(ids: Sequence[int], user_id: int) -> None:
    actor = actor_for(User.objects.get(pk=user_id))
    for instance_id in ids:
        signal(instance_id, actor)


def signal(instance_id: int, actor: Actor) -> None:
    """One approval through the engine, as the action sends it."""
    with transaction.atomic():
        question = signals.ask(Instance(pk=instance_id), APPROVAL, "ApprovalStatus", actor=actor)
        answer = signals.Answer(approved=True, comment="", content_digest="")
        signals.accept(question, answer, now=timezone.now())


def enroll_each(user_id: int, csrs: Sequence[str]) -> None:
    actor = actor_for(User.objects.get(pk=user_id))
    for csr in csrs:
        enrollment.enroll(Wish(template="WebServer", csr=csr), actor=actor)


def seed() -> Seed:
    return Seed(title="A measured instance", initiating_user_name="Timer Service", data={"CertificateId": 1})


def wait_until_quiet() -> None:
    """Until nothing is ready and no call under way. Raises TimeoutError when that does not come about."""
    end = time.monotonic() + _PATIENCE
    while Instance.objects.filter(ready_at__isnull=False).exists():
        if time.monotonic() > end:
            raise TimeoutError("the workers do not finish")
        time.sleep(0.01)


def _measured(count: int, work: Callable[[], object]) -> Rate:
    used, begun = cpu.used(), time.monotonic()
    work()
    wait_until_quiet()
    return Rate(count, time.monotonic() - begun, cpu.used().since(used))


def _connect(_: int) -> None:
    connection.ensure_connection()
    time.sleep(0.5)  # so that each process of the pool gets one of these
