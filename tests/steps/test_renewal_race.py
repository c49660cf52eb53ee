"""A renewal and its enrollment, operated on at one instant: one certificate at most, nobody left waiting."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import pytest
from django.db import connections, transaction
from django.utils import timezone

from tests import builders
from tests import world as scenery
from tests.meanwhile import let_it_wait, under_way
from tests.rounds import rounds
from tests.steps.running import NAME, run_step, runs_of
from tests.world import World
from workflows.actions import approvals, instances
from workflows.engine import awaiting, claiming, stopping, turns
from workflows.errors import WrongState
from workflows.models import AwaitedInstance, Certificate, CertificateTemplate, Instance, StopRequest
from workflows.vocabulary.enrollment import EnrollmentType
from workflows.vocabulary.statuses import FINISHED, InstanceStatus, StepRunStatus

pytestmark = pytest.mark.django_db(transaction=True)

ROUNDS = 40
STEP = "RequireApproval1"
DEEDS = ("approve the enrollment", "restart the enrollment", "stop the renewal", "restart the renewal")


@dataclass
class Pair:
    world: World
    old: Certificate
    renewal: Instance
    enrollment: Instance

    def attempt(self, deed: str) -> bool:
        """Whether it was done, as far as workers have come; what comes too late is refused."""
        verb, _, subject = deed.split()
        try:
            self._do(verb, self.renewal if subject == "renewal" else self.enrollment)
        except WrongState:
            return False
        builders.run_until_quiet()
        return True

    def _do(self, verb: str, instance: Instance) -> None:
        if verb == "approve":
            approvals.approve(instance.guid, actor=self.world.actor("approver"), step_name=STEP)
        else:
            act: Callable[..., object] = instances.stop if verb == "stop" else instances.restart
            act(instance.guid, actor=self.world.actor("operator"))

    def restart(self, instance: Instance) -> Instance:
        return instances.restart(instance.guid, actor=self.world.actor("operator"))

    def settle(self) -> None:
        """What the ticks and the approvers of whatever still asks them do, after a while."""
        Instance.objects.filter(ready_at__isnull=False).update(ready_at=timezone.now())
        builders.run_until_quiet()
        while stopping.sweep() or awaiting.sweep():
            builders.run_until_quiet()
        for each in Instance.objects.filter(request__renews=self.old, status=InstanceStatus.Suspended):
            approvals.approve(each.guid, actor=self.world.actor("approver"), step_name=STEP)
        builders.run_until_quiet()


@pytest.fixture
def pair(world: World) -> Callable[[], Pair]:
    CertificateTemplate.objects.update(allowed_enrollment_types=EnrollmentType.PFX | EnrollmentType.CSR)
    certificates = [scenery.enroll(world).certificate for _ in range(rounds(ROUNDS))]
    scenery.needs_approvals(world)

    def made() -> Pair:
        old = certificates.pop()
        assert old is not None
        renewal = run_step("ExpirationRenewal", {}, {"CertificateId": old.pk})
        return Pair(world, old, renewal, Instance.objects.get(request__renews=old))

    return made


def at_once(pair: Pair, deeds: Sequence[str]) -> dict[str, bool]:
    barrier = threading.Barrier(len(deeds), timeout=60)

    def work(deed: str) -> bool:
        try:
            barrier.wait()
            return pair.attempt(deed)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(deeds)) as pool:
        return dict(zip(deeds, pool.map(work, deeds), strict=True))


@pytest.mark.parametrize("deeds", [*itertools.combinations(DEEDS, 2), DEEDS], ids=" and ".join)
def test_at_the_same_instant(pair: Callable[[], Pair], deeds: tuple[str, ...]) -> None:
    for _ in range(rounds(ROUNDS)):
        one = pair()
        done = at_once(one, deeds)
        check(one, done)


def test_a_failed_renewal_restarted_twice_at_once_begins_one_enrollment(pair: Callable[[], Pair]) -> None:
    for _ in range(rounds(ROUNDS)):
        one = pair()
        approvals.deny(one.enrollment.guid, actor=one.world.actor("approver"), step_name=STEP)
        builders.run_until_quiet()
        with ThreadPoolExecutor(2) as pool:
            done = list(pool.map(lambda _, one=one: _restarted(one), range(2)))  # type: ignore[misc]
        assert sorted(done) == [False, True]
        one.settle()
        assert Certificate.objects.filter(request__renews=one.old).count() == 1
        assert Instance.objects.filter(request__renews=one.old).count() == 2


def test_a_worker_waits_for_nobody_who_has_an_enrollment_in_hands(pair: Callable[[], Pair]) -> None:
    """Who restarts an enrollment holds those before it, and waits for the worker that has it in hands."""
    one, held = pair(), threading.Event()
    following = one.restart(one.enrollment)
    renewal = one.restart(one.renewal)
    with under_way(lambda: held.wait(60) and one.restart(following)) as (restarting,), transaction.atomic():
        claiming.lock([following.pk])
        held.set()
        let_it_wait(restarting)
        turns.take_turn(renewal.queue)
        renewal = builders.reload(renewal)
        assert (renewal.status, renewal.step_name) == (InstanceStatus.Running, NAME)
    one.settle()
    assert [run.status for run in runs_of(renewal)] == [StepRunStatus.Retried, StepRunStatus.Done]
    check(one, {})


def _restarted(pair: Pair) -> bool:
    try:
        return pair.attempt("restart the renewal")
    finally:
        connections.close_all()


def check(pair: Pair, done: dict[str, bool]) -> None:
    pair.settle()
    issued = Certificate.objects.filter(request__renews=pair.old).count()
    assert issued <= 1
    assert not Instance.objects.exclude(status__in=FINISHED).exists()
    assert not AwaitedInstance.objects.exists()
    assert not StopRequest.objects.exists()
    if not done.get("stop the renewal"):
        last = last_of(pair.renewal)
        assert (last.status, issued) == (InstanceStatus.Complete, 1), (done, last.status_message)
    elif not done.get("approve the enrollment") and not done.get("restart the renewal"):
        assert issued == int(was_begun_after_the_stop(pair, done)), done


def was_begun_after_the_stop(pair: Pair, done: dict[str, bool]) -> bool:
    """Who restarts an enrollment that has been stopped with its renewal wants it by itself."""
    was_stopped = builders.reload(pair.enrollment).status == InstanceStatus.Rejected
    return done.get("restart the enrollment", False) and was_stopped


def last_of(renewal: Instance) -> Instance:
    while following := Instance.objects.filter(record__restarted_from=renewal).first():
        renewal = following
    return builders.reload(renewal)
