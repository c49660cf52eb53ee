"""What happens while somebody else has the waiting instance in his hands: nothing is missed."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone

from tests import builders
from tests.meanwhile import done, meanwhile
from workflows.access.actors import Actor
from workflows.actions import instances, purge_now
from workflows.actions.purging import Rule
from workflows.engine import awaiting, claiming, stopping, wishes
from workflows.errors import WrongState
from workflows.models import Instance, StopRequest
from workflows.vocabulary.statuses import FINISHED, InstanceStatus

pytestmark = pytest.mark.django_db(transaction=True)


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


def test_an_end_wakes_one_that_a_worker_is_about_to_let_wait_on(
    awaited: Instance, waiter: Instance, manager: Actor
) -> None:
    """It was woken by a restart, and its worker has found the new one alive. Nobody waits for the worker."""
    Instance.objects.filter(pk=waiter.pk).update(ready_at=timezone.now())
    with transaction.atomic():
        claiming.lock([waiter.pk])
        done(lambda: instances.stop(awaited.guid, actor=manager))
        Instance.objects.filter(pk=waiter.pk).update(ready_at=None)
    assert builders.reload(awaited).status == InstanceStatus.Rejected
    assert (awaiting.sweep(), awaiting.sweep()) == (1, 0)
    assert builders.reload(waiter).ready_at is not None


def test_what_has_ended_stays_until_the_one_that_waits_is_told(
    awaited: Instance, waiter: Instance, manager: Actor
) -> None:
    old = Rule(timezone.now() + timedelta(hours=1), tuple(FINISHED))
    with transaction.atomic():
        claiming.lock([waiter.pk])
        done(lambda: instances.stop(awaited.guid, actor=manager))
        done(lambda: purge_now.carry_out(old, actor=manager))
        with pytest.raises(WrongState, match="try again"):
            instances.delete(awaited.guid, actor=manager)
    awaiting.sweep()
    instances.delete(awaited.guid, actor=manager)
    assert builders.reload(waiter).ready_at is not None


def test_one_that_a_worker_has_in_hands_says_afterwards_what_it_waits_for(
    awaited: Instance, waiter: Instance, manager: Actor
) -> None:
    """The restart has been stored before: who waits for the worker holds nothing that another one wants."""
    with meanwhile(lambda: instances.restart(awaited.guid, actor=manager)):
        claiming.lock([waiter.pk])
    assert builders.reload(waiter).ready_at is not None


def test_a_stop_reaches_what_the_awaited_one_is_restarted_as(
    awaited: Instance, waiter: Instance, manager: Actor
) -> None:
    with meanwhile(lambda: instances.restart(awaited.guid, actor=manager)):
        wishes.wish(waiter.pk, actor=manager, now=timezone.now())
        stopping.apply_stops([waiter.pk])
    new = Instance.objects.get(record__restarted_from=awaited)
    builders.run_until_quiet()
    while stopping.sweep():
        pass
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
