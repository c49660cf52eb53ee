"""What happens while somebody else has the waiting instance in his hands: nothing is missed."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager

import pytest
from django.db import connection, connections, transaction
from django.utils import timezone

from tests import builders
from workflows.access.actors import Actor
from workflows.actions import instances
from workflows.engine import awaiting, claiming, stopping, wishes
from workflows.models import Instance, StopRequest
from workflows.vocabulary.statuses import InstanceStatus

pytestmark = pytest.mark.django_db(transaction=True)

_WAITING = "SELECT count(*) FROM pg_locks WHERE NOT granted AND pg_backend_pid() = ANY(pg_blocking_pids(pid))"


@pytest.fixture
def manager() -> Actor:
    person = builders.user("manager")
    builders.role("Managers", person, permissions=["/workflows/instances/"])
    return builders.actor(person)


@pytest.fixture
def awaited() -> Instance:
    """One that waits for an approval."""
    role = builders.role("Approvers", builders.user("approver"))
    return builders.run(builders.publish(builders.chain(builders.approval(roles=[role]))))


@pytest.fixture
def waiter(awaited: Instance) -> Instance:
    """One that waits for the end of the other."""
    found = builders.start(builders.publish(builders.noops(2)))
    Instance.objects.filter(pk=found.pk).update(status=InstanceStatus.Suspended, ready_at=None)
    awaiting.expect(awaited.pk, waiter_id=found.pk)
    return found


@contextmanager
def meanwhile(act: Callable[[], object]) -> Iterator[None]:
    """Let `act`, in a thread, wait for a lock that this transaction holds, until it has committed."""

    def work() -> None:
        try:
            act()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            yield
            acting = pool.submit(work)
            _let_it_wait(acting)
        acting.result(60)


def _let_it_wait(acting: Future[None]) -> None:
    for _ in range(6000):
        with connection.cursor() as cursor:
            cursor.execute(_WAITING)
            if cursor.fetchone()[0]:
                return
        assert not acting.done(), acting.exception()
        time.sleep(0.01)
    pytest.fail("nobody waited")


def test_an_end_wakes_one_that_a_worker_is_about_to_let_wait_on(
    awaited: Instance, waiter: Instance, manager: Actor
) -> None:
    """It was woken by a restart, and its worker has found the new one alive."""
    Instance.objects.filter(pk=waiter.pk).update(ready_at=timezone.now())
    with meanwhile(lambda: instances.stop(awaited.guid, actor=manager)):
        claiming.lock([waiter.pk])
        Instance.objects.filter(pk=waiter.pk).update(ready_at=None)
    assert builders.reload(awaited).status == InstanceStatus.Rejected
    assert builders.reload(waiter).ready_at is not None


def test_a_stop_reaches_what_the_awaited_one_is_restarted_as(
    awaited: Instance, waiter: Instance, manager: Actor
) -> None:
    with meanwhile(lambda: instances.restart(awaited.guid, actor=manager)):
        wishes.wish(waiter.pk, actor=manager, now=timezone.now())
        stopping.apply_stops([waiter.pk])
    new = Instance.objects.get(record__restarted_from=awaited)
    builders.run_until_quiet()
    stopping.sweep()
    assert builders.reload(awaited).status == InstanceStatus.CanceledForRestart
    assert builders.reload(new).was_stopped
    assert not StopRequest.objects.exists()


def test_a_restart_keeps_no_stop_of_the_awaited_one_itself(
    awaited: Instance, waiter: Instance, manager: Actor
) -> None:
    wishes.wish(awaited.pk, actor=manager, now=timezone.now())
    new = instances.restart(awaited.guid, actor=manager)
    builders.run_until_quiet()
    stopping.sweep()
    assert builders.reload(new).status == InstanceStatus.Suspended
    assert builders.reload(waiter).status == InstanceStatus.Complete  # a step of this test asks nobody
