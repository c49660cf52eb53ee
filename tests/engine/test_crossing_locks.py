"""Transactions that each hold what the other one wants: PostgreSQL need undo neither."""

from __future__ import annotations

import threading

import pytest
from django.db import transaction
from django.utils import timezone

from tests import builders
from tests.meanwhile import done
from workflows import tasks
from workflows.engine import awaiting, claiming, writing
from workflows.engine.outcomes import give_up
from workflows.models import AwaitedInstance, DefinitionVersion, Instance
from workflows.vocabulary.statuses import InstanceStatus

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def version() -> DefinitionVersion:
    """Its instances wait for an approval."""
    role = builders.role("Approvers", builders.user("approver"))
    return builders.publish(builders.chain(builders.approval(roles=[role])))


def waiting_for(awaited: Instance) -> Instance:
    """A new instance that waits for the end of this one."""
    waiter = builders.start(builders.publish(builders.noops(2)))
    Instance.objects.filter(pk=waiter.pk).update(status=InstanceStatus.Suspended, ready_at=None)
    awaiting.expect(awaited.pk, waiter_id=waiter.pk)
    return waiter


def test_batches_that_each_end_what_one_of_the_other_waits_for(version: DefinitionVersion) -> None:
    awaited = [builders.run(version) for _ in range(2)]
    waiters = [waiting_for(each) for each in awaited]
    barrier = threading.Barrier(2, timeout=60)

    def end(mine: int) -> None:
        """One of the two, by a batch that has the one in hands which waits for the other."""
        with transaction.atomic():
            states = claiming.lock([awaited[mine].pk, waiters[1 - mine].pk])
            barrier.wait()
            ending = [state for state in states if state.id == awaited[mine].pk]
            give_up(ending[0], "It is over.")
            writing.write(ending, timezone.now())

    done(lambda: end(0), lambda: end(1))
    tasks.tick()
    assert all(builders.reload(each).status == InstanceStatus.Failed for each in awaited)
    assert all(builders.reload(each).ready_at is not None for each in waiters)
    assert not AwaitedInstance.objects.exists()


def test_two_ticks_that_tell_of_the_same_ends(version: DefinitionVersion) -> None:
    """What one of them is telling just now, the other one leaves alone without waiting for it."""
    awaited = builders.run(version)
    waiter = waiting_for(awaited)
    with transaction.atomic():
        claiming.lock([waiter.pk])
        done(lambda: _end(awaited))
    with transaction.atomic():
        claiming.lock([waiter.pk])
        AwaitedInstance.objects.select_for_update().get(is_over=True)
        done(awaiting.sweep)
    assert (awaiting.sweep(), awaiting.sweep()) == (1, 0)
    assert builders.reload(waiter).ready_at is not None


def _end(instance: Instance) -> None:
    with transaction.atomic():
        states = claiming.lock([instance.pk])
        give_up(states[0], "It is over.")
        writing.write(states, timezone.now())
