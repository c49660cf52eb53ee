"""Restarts of one chain at one instant, and a deletion among them: one begins, the others are told of it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connections

from tests import builders
from tests.rounds import rounds
from workflows.access.actors import TIMER_SERVICE
from workflows.actions import instances
from workflows.errors import NotFound, WrongState
from workflows.models import Instance
from workflows.vocabulary.statuses import FINISHED

pytestmark = pytest.mark.django_db(transaction=True)

Chain = list[Instance]


@pytest.fixture
def chain() -> Callable[[], Chain]:
    """Three, each restarted from the one before and stopped."""
    role = builders.role("Approvers", builders.user("approver"))
    version = builders.publish(builders.chain(builders.approval(roles=[role])))

    def make() -> Chain:
        Instance.objects.all().delete()
        made = [builders.run(version)]
        for _ in range(2):
            instances.stop(made[-1].guid, actor=TIMER_SERVICE)
            made.append(instances.restart(made[-1].guid, actor=TIMER_SERVICE))
        instances.stop(made[-1].guid, actor=TIMER_SERVICE)
        return made

    return make


def at_once(*deeds: Callable[[], object]) -> list[bool]:
    """Which of them were done; the others were refused for no other reason than that they came too late."""
    barrier = threading.Barrier(len(deeds), timeout=60)

    def work(deed: Callable[[], object]) -> bool:
        try:
            barrier.wait()
            deed()
        except (WrongState, NotFound):
            return False
        finally:
            connections.close_all()
        return True

    with ThreadPoolExecutor(len(deeds)) as pool:
        return list(pool.map(work, deeds))


def restarting(instance: Instance) -> Callable[[], object]:
    return lambda: instances.restart(instance.guid, actor=TIMER_SERVICE)


def deleting(instance: Instance) -> Callable[[], object]:
    return lambda: instances.delete(instance.guid, actor=TIMER_SERVICE)


def living() -> int:
    return Instance.objects.exclude(status__in=FINISHED).count()


@pytest.mark.parametrize("places", [(0, 0), (2, 2), (0, 2), (0, 1, 2, 2)])
def test_one_of_several_restarts_is_carried_out(chain: Callable[[], Chain], places: tuple[int, ...]) -> None:
    for _ in range(rounds(30)):
        made = chain()
        assert sum(at_once(*(restarting(made[place]) for place in places))) == 1
        assert living() == 1


def test_a_deletion_between_them_lets_none_begin_twice(chain: Callable[[], Chain]) -> None:
    for _ in range(rounds(30)):
        first, second, third = chain()
        at_once(restarting(first), restarting(third), deleting(second))
        assert living() == 1
        assert Instance.objects.count() == 3
        builders.run_until_quiet()


def test_the_first_is_deleted_while_the_others_are(chain: Callable[[], Chain]) -> None:
    """Each link is tied to one that stays, or to none."""
    for _ in range(rounds(30)):
        made = chain()
        assert at_once(*map(deleting, made[:2])) == [True, True]
        assert builders.reload(made[2]).record.restarted_from_id is None
