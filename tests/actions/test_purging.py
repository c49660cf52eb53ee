"""Purge: what ended long ago goes, with its history; nothing else does; one entry says so."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from django.db import connection, connections, transaction
from django.utils import timezone
from pytest_django import Settings

from tests import builders
from tests import world as scenery
from workflows.access.actors import TIMER_SERVICE, Actor
from workflows.actions import aging, instances, purging
from workflows.actions.purging import Rule, Survey
from workflows.errors import NotFound, WrongState
from workflows.models import (
    AuditEntry,
    CertificateRequest,
    DefinitionVersion,
    Instance,
    InstanceRecord,
    PurgeRun,
    SignalDecision,
    StepRun,
)
from workflows.vocabulary.auditing import Category, Operation
from workflows.vocabulary.statuses import FINISHED, InstanceStatus

if TYPE_CHECKING:
    from tests.world import World

ALL = tuple(FINISHED)
OLD, YOUNG = timedelta(days=100), timedelta(days=10)


def rule(*statuses: InstanceStatus) -> Rule:
    return Rule(timezone.now() - timedelta(days=30), statuses or ALL)


def purge(*statuses: InstanceStatus, seconds: float = 60) -> dict[str, int]:
    counts: dict[str, int] = purging.purge(rule(*statuses), actor=TIMER_SERVICE, seconds=seconds).counts
    return counts


def aged(version: DefinitionVersion, status: InstanceStatus, age: timedelta = OLD) -> Instance:
    """An instance that ended so long ago."""
    instance = builders.run(version)
    then = timezone.now() - age
    Instance.objects.filter(pk=instance.pk).update(status=status, started_at=then, modified_at=then)
    return builders.reload(instance)


def test_a_purge_keeps_chains_of_restarts_together(version: DefinitionVersion) -> None:
    """Else the first one could begin anew although the last one lives."""
    chain = [first := aged(version, InstanceStatus.Failed)]
    for _ in range(3):
        chain.append(instances.restart(chain[-1].guid, actor=TIMER_SERVICE))
        Instance.objects.filter(pk=chain[-1].pk).update(status=InstanceStatus.Failed, ready_at=None)
    last = instances.restart(chain[-1].guid, actor=TIMER_SERVICE)
    Instance.objects.filter(pk__in=[each.pk for each in chain[1:]]).update(modified_at=timezone.now() - OLD)
    assert purge() == {"Failed": 3}
    assert builders.reload(last).record.restarted_from_id == first.pk
    with pytest.raises(WrongState, match=f"goes on as {last.pk}"):
        instances.restart(first.guid, actor=TIMER_SERVICE)


def entries() -> list[AuditEntry]:
    return list(AuditEntry.objects.filter(immutable_identifier=purging.IDENTIFIER).order_by("pk"))


@pytest.fixture
def version(db: None) -> DefinitionVersion:
    return builders.publish(builders.noops(3))


def test_each_status_goes_when_it_is_old_and_was_asked_for(version: DefinitionVersion) -> None:
    for status in FINISHED:
        aged(version, status)
        aged(version, status, YOUNG)
    assert purge(InstanceStatus.Complete) == {"Complete": 1}
    assert purge() == {status.name: 1 for status in FINISHED if status is not InstanceStatus.Complete}
    left = Instance.objects.values_list("status", flat=True)
    assert sorted(left) == sorted(FINISHED)
    assert StepRun.objects.values("instance").distinct().count() == len(FINISHED)
    assert InstanceRecord.objects.count() == len(FINISHED)


def test_running_and_suspended_ones_stay_however_old(version: DefinitionVersion) -> None:
    for status in (InstanceStatus.Running, InstanceStatus.Suspended):
        aged(version, status)
        assert purge(status) == {}
    assert purge() == {}
    assert Instance.objects.count() == 2
    assert entries() == []


def test_requests_and_certificates_stay(world: World) -> None:
    issued = scenery.enroll(world)
    scenery.needs_approvals(world)
    scenery.enroll(world)
    long_ago = timezone.now() - OLD
    Instance.objects.update(started_at=long_ago, modified_at=long_ago)
    assert purge() == {"Complete": 1}
    assert CertificateRequest.objects.count() == 2
    assert issued.certificate is not None
    assert not Instance.objects.filter(pk=issued.instance.pk).exists()


def test_decisions_go_with_their_instance(world: World) -> None:
    scenery.needs_approvals(world)
    instance = scenery.enroll(world).instance
    from workflows.actions import approvals

    approvals.deny(instance.guid, actor=world.actor("approver"), step_name="RequireApproval1", comment="No")
    builders.run_until_quiet()
    Instance.objects.update(started_at=timezone.now() - OLD, modified_at=timezone.now() - OLD)
    assert purge() == {"Rejected": 1}
    assert not SignalDecision.objects.exists()


def test_one_entry_says_what_went(version: DefinitionVersion) -> None:
    first, last = aged(version, InstanceStatus.Failed, OLD * 2), aged(version, InstanceStatus.Complete)
    aged(version, InstanceStatus.Complete, OLD * 1.5)
    purge()
    purge()
    [entry] = entries()
    assert (entry.operation, entry.category) == (Operation.Deleted, Category.WorkflowInstance)
    assert entry.user_name == "Timer Service"
    assert entry.before is not None
    assert entry.before["Statuses"] == {"Failed": 1, "Complete": 2}
    assert (entry.before["Count"], entry.before["AgeDays"]) == (3, 30)
    assert entry.before["Oldest"] == first.modified_at.isoformat()
    assert entry.before["Newest"] == last.modified_at.isoformat()


def test_a_run_that_died_is_told_by_the_next(version: DefinitionVersion) -> None:
    long_ago = timezone.now() - timedelta(hours=1)
    PurgeRun.objects.create(
        user_name="Timer Service", counts={"Failed": 7}, started_at=long_ago, seen_at=long_ago
    )
    assert purge() == {}
    [entry] = entries()
    assert entry.before is not None
    assert entry.before["Statuses"] == {"Failed": 7}
    assert PurgeRun.objects.count() == 1


def test_more_than_one_slice_and_batch(version: DefinitionVersion, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(purging, "SLICE", 5)
    monkeypatch.setattr(purging, "BATCH", 2)
    for number in range(17):
        aged(version, InstanceStatus.Complete if number % 3 else InstanceStatus.Suspended)
    aged(version, InstanceStatus.Complete, YOUNG)
    assert purging.survey(rule()) == Survey(Counter(Complete=11))
    assert purge() == {"Complete": 11}
    assert purging.survey(rule()) == Survey(Counter())
    assert Instance.objects.count() == 7


def test_counting_ends_when_its_time_is_over(
    version: DefinitionVersion, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(purging, "SLICE", 2)
    for _ in range(3):
        aged(version, InstanceStatus.Failed)
    assert purging.survey(rule(), seconds=0) == Survey(Counter(Failed=2), is_exact=False)


def test_a_run_whose_time_is_over_goes_on_later(
    version: DefinitionVersion, monkeypatch: pytest.MonkeyPatch, settings: Settings
) -> None:
    monkeypatch.setattr(purging, "BATCH", 2)
    for _ in range(5):
        aged(version, InstanceStatus.Complete)
    assert purge(seconds=-1) == {"Complete": 2}
    assert purging.is_due(timezone.now())
    settings.PURGE_AGE_DAYS, settings.PURGE_STATUSES = 30, ("Complete",)
    aging.run_due(timezone.now())
    assert not Instance.objects.exists()
    assert not purging.is_due(timezone.now())
    assert purging.is_due(timezone.now() + timedelta(minutes=settings.PURGE_SCAN_MINUTES))


def test_a_purge_by_hand_puts_none_of_the_timers_off(version: DefinitionVersion, settings: Settings) -> None:
    settings.PURGE_AGE_DAYS, settings.PURGE_STATUSES = 30, ("Complete",)
    by_hand = Actor(None, "somebody")
    aged(version, InstanceStatus.Complete)
    purging.purge(rule(InstanceStatus.Failed), actor=by_hand)
    assert purging.is_due(timezone.now())
    aging.run_due(timezone.now())
    assert not Instance.objects.exists()
    purging.purge(rule(), actor=by_hand, seconds=-1)
    assert not purging.is_due(timezone.now())


def test_it_is_off_unless_an_age_is_set(version: DefinitionVersion) -> None:
    aged(version, InstanceStatus.Complete, timedelta(days=4000))
    aging.run_due(timezone.now())
    assert Instance.objects.count() == 1
    assert entries() == []


@pytest.mark.django_db(transaction=True)
class TestAtTheSameTime:
    """With real transactions of several connections."""

    @pytest.fixture
    def in_thread(self) -> Callable[..., object]:
        pool = ThreadPoolExecutor(4)

        def submit(work: Callable[[], object]) -> object:
            def run() -> object:
                try:
                    return work()
                finally:
                    connections.close_all()

            return pool.submit(run)

        return submit

    def test_one_that_is_being_restarted_is_passed_over(
        self, version: DefinitionVersion, in_thread: Callable[..., object]
    ) -> None:
        held, free = aged(version, InstanceStatus.Failed), aged(version, InstanceStatus.Failed)
        restarted, purged = threading.Event(), threading.Event()

        def restart() -> Instance:
            with transaction.atomic():
                new = instances.restart(held.guid, actor=TIMER_SERVICE)
                restarted.set()
                assert purged.wait(60)
            return new

        running = in_thread(restart)
        assert restarted.wait(60)
        assert purge() == {"Failed": 1}
        assert not Instance.objects.filter(pk=free.pk).exists()
        purged.set()
        new = running.result(60)  # type: ignore[attr-defined]
        assert builders.reload(new).record.restarted_from_id == held.pk
        assert purge() == {}  # its age counts from the restart
        Instance.objects.filter(pk=held.pk).update(modified_at=timezone.now() - OLD)
        assert purge() == {"Failed": 1}
        assert builders.reload(new).status == InstanceStatus.Running
        assert builders.reload(new).record.restarted_from_id is None

    def test_who_comes_too_late_to_restart_is_told_that_it_is_gone(
        self, version: DefinitionVersion, in_thread: Callable[..., object]
    ) -> None:
        old = aged(version, InstanceStatus.Failed)
        with transaction.atomic():
            assert purge() == {"Failed": 1}
            late = in_thread(lambda: instances.restart(old.guid, actor=TIMER_SERVICE))
            _wait_for_a_lock()
        with pytest.raises(NotFound, match="deleted"):
            late.result(60)  # type: ignore[attr-defined]
        assert not Instance.objects.exists()

    def test_two_runs_that_delete_neighbours_keep_the_chain_together(
        self, version: DefinitionVersion, in_thread: Callable[..., object]
    ) -> None:
        chain = [first := aged(version, InstanceStatus.Failed)]
        for _ in range(2):
            chain.append(instances.restart(chain[-1].guid, actor=TIMER_SERVICE))
            Instance.objects.filter(pk=chain[-1].pk).update(status=InstanceStatus.Failed, ready_at=None)
        last = instances.restart(chain[-1].guid, actor=TIMER_SERVICE)
        for each, status in zip(chain[1:], (InstanceStatus.Failed, InstanceStatus.Complete), strict=True):
            Instance.objects.filter(pk=each.pk).update(status=status, modified_at=timezone.now() - OLD)
        with transaction.atomic():
            assert purge(InstanceStatus.Failed) == {"Failed": 1}
            other = in_thread(lambda: purge(InstanceStatus.Complete))
            _wait_for_a_lock()
        assert other.result(60) == {"Complete": 1}  # type: ignore[attr-defined]
        assert builders.reload(last).record.restarted_from_id == first.pk

    def test_two_runs_delete_and_count_everything_once(
        self,
        version: DefinitionVersion,
        in_thread: Callable[..., object],
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        monkeypatch.setattr(purging, "BATCH", 3)
        for _ in range(40):
            aged(version, InstanceStatus.Complete)
        runs = [in_thread(purge) for _ in range(2)]
        counts = [each.result(60).get("Complete", 0) for each in runs]  # type: ignore[attr-defined]
        assert sum(counts) == 40
        assert sum(entry.before["Count"] for entry in entries() if entry.before) == 40
        assert not Instance.objects.exists()


def _wait_for_a_lock() -> None:
    """Until another connection waits for a row that this transaction has locked."""
    waiting = "SELECT count(*) FROM pg_locks WHERE NOT granted"
    with connection.cursor() as cursor:
        for _ in range(600):
            cursor.execute(waiting)
            if cursor.fetchone()[0]:
                return
            cursor.execute("SELECT pg_sleep(0.05)")
    pytest.fail("nobody waited")
