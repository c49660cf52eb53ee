"""What is measured: how many instances a second end, with real workers, and how much CPU each costs."""

from __future__ import annotations

import multiprocessing
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import django
from django.db import connection, transaction
from django.utils import timezone

from tests.benchmarks import cpu

CLIENTS = 2  # processes that start instances or send signals; the machine has no more cores
_PATIENCE = 600


@dataclass(frozen=True)
class Rate:
    """`count` instances ended in `seconds`, for `cpu_ms` milliseconds of CPU each, everything included."""

    count: int
    seconds: float
    cpu_ms: float

    @property
    def per_second(self) -> float:
        return self.count / self.seconds


def bulk(version_id: int, count: int) -> Rate:
    """One source starts all of them, a thousand in a transaction, while the workers run."""
    return _measured(count, lambda: start_in_bulk(version_id, count))


def one_by_one(version_id: int, count: int) -> Rate:
    """Each instance is started in a transaction of its own, by one of the clients."""
    with clients(CLIENTS) as pool:
        return _measured(count, lambda: pool.starmap(start_each, [(version_id, count // CLIENTS)] * CLIENTS))


def approved(version_id: int, user_id: int, count: int) -> Rate:
    """Each waits for one approval in the middle, which comes through the engine."""
    from workflows.models import Instance

    def work() -> None:
        start_in_bulk(version_id, count)
        wait_until_quiet()
        ids = list(Instance.objects.filter(version=version_id).values_list("pk", flat=True))
        pool.starmap(signal_each, [(ids[n::CLIENTS], user_id) for n in range(CLIENTS)])

    with clients(CLIENTS) as pool:
        return _measured(count, work)


def enrolled(user_id: int, csrs: Sequence[str]) -> Rate:
    """Each request goes through the action, up to the certificate of the built-in CA."""
    with clients(CLIENTS) as pool:
        work = [(user_id, csrs[n::CLIENTS]) for n in range(CLIENTS)]
        return _measured(len(csrs), lambda: pool.starmap(enroll_each, work))


def clients(number: int) -> multiprocessing.pool.Pool:
    """Processes that are ready to speak to the database."""
    pool = multiprocessing.get_context("spawn").Pool(number, django.setup)
    pool.map(_warm_up, range(number), chunksize=1)
    return pool


def start_in_bulk(version_id: int, count: int) -> None:
    from workflows.engine import starting
    from workflows.engine.queue import Queue
    from workflows.models import DefinitionVersion

    version = DefinitionVersion.objects.get(pk=version_id)
    for begin in range(0, count, starting.CHUNK):
        seeds = [seed() for _ in range(min(starting.CHUNK, count - begin))]
        with transaction.atomic():
            starting.start_many(version, seeds, now=timezone.now(), queue_name=Queue.BULK)


def start_each(version_id: int, count: int) -> None:
    from workflows.engine import starting
    from workflows.models import DefinitionVersion

    version = DefinitionVersion.objects.get(pk=version_id)
    for _ in range(count):
        with transaction.atomic():
            starting.start(version, seed(), now=timezone.now())


def signal_each(ids: Sequence[int], user_id: int) -> None:
    from workflows.access.actors import actor_for
    from workflows.models import User

    actor = actor_for(User.objects.get(pk=user_id))
    for instance_id in ids:
        send_signal(instance_id, actor)


def send_signal(instance_id: int, actor: object) -> None:
    """One approval by the engine's own means, as the action calls it."""
    from workflows.engine import signals
    from workflows.models import Instance

    with transaction.atomic():
        state = signals.lock_waiting(Instance(pk=instance_id), "RequireApproval1")
        answer = signals.Answer(state.step_name, "ApprovalStatus", True, "", "")
        signals.accept(state, answer, actor=actor, now=timezone.now())  # type: ignore[arg-type]


def enroll_each(user_id: int, csrs: Sequence[str]) -> None:
    from workflows.access.actors import actor_for
    from workflows.actions import enrollment
    from workflows.models import User

    actor = actor_for(User.objects.get(pk=user_id))
    for csr in csrs:
        enrollment.enroll(enrollment.Wish(template="WebServer", csr=csr), actor=actor)


def seed() -> object:
    from workflows.engine.starting import Seed

    return Seed(title="A measured instance", initiating_user_name="Timer Service", data={"CertificateId": 1})


def wait_until_quiet() -> None:
    """Until no instance is Running. Raises TimeoutError when that does not come about."""
    end = time.monotonic() + _PATIENCE
    while _running():
        if time.monotonic() > end:
            raise TimeoutError("the workers do not finish")
        time.sleep(0.01)


def _running() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT EXISTS (SELECT FROM workflows_instance WHERE ready_at IS NOT NULL)")
        return bool(cursor.fetchone()[0])


def _measured(count: int, work: Callable[[], object]) -> Rate:
    used, begun = cpu.seconds(), time.monotonic()
    work()
    wait_until_quiet()
    seconds, used = time.monotonic() - begun, cpu.seconds() - used
    return Rate(count, seconds, used / count * 1000)


def _warm_up(_: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    time.sleep(0.2)  # so that each process of the pool gets one of these
