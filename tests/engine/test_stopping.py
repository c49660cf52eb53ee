"""Stopping (D5): whatever the instance is doing, it ends Rejected and nothing follows."""

from __future__ import annotations

import threading

import pytest
from django.db import connections
from django.utils import timezone

from tests import builders
from tests.engine.conftest import Install
from workflows.access.actors import TIMER_SERVICE
from workflows.actions import instances as actions
from workflows.engine import stopping, turns, wishes
from workflows.engine.contracts import Continue, Effects, Outcome, StepContext
from workflows.errors import WrongState
from workflows.models import AuditEntry, Instance, PendingSignal, StepRun, StopRequest
from workflows.vocabulary.statuses import InstanceStatus, StepRunStatus

pytestmark = pytest.mark.django_db


def suspended() -> Instance:
    roles = [builders.role("Approvers")]
    return builders.run(builders.publish(builders.chain(builders.approval(roles=roles))))


def assert_stopped(instance: Instance) -> None:
    after = builders.reload(instance)
    assert (after.status, after.was_stopped, after.ready_at) == (InstanceStatus.Rejected, True, None)
    assert after.status_message == "Stopped by Timer Service."
    assert not StopRequest.objects.exists()


def test_one_that_has_not_begun() -> None:
    instance = builders.start(builders.publish(builders.noops(3)))
    actions.stop(instance.guid, actor=TIMER_SERVICE)
    builders.run_until_quiet()
    assert_stopped(instance)
    assert not StepRun.objects.filter(instance=instance).exists()


def test_one_that_waits_for_people_asks_them_no_longer() -> None:
    instance = suspended()
    actions.stop(instance.guid, actor=TIMER_SERVICE)
    assert_stopped(instance)
    assert not PendingSignal.objects.exists()
    last = StepRun.objects.filter(instance=instance).order_by("id").last()
    assert last is not None
    assert (last.status, last.finished_at is None) == (StepRunStatus.Stopped, False)


def test_one_that_has_finished_cannot_be_stopped() -> None:
    instance = builders.run(builders.publish(builders.noops(2)))
    with pytest.raises(WrongState):
        actions.stop(instance.guid, actor=TIMER_SERVICE)
    assert not StopRequest.objects.exists()


def test_the_worker_obeys_a_wish_it_finds_before_it_walks() -> None:
    instance = builders.start(builders.publish(builders.noops(3)))
    wishes.wish(instance.pk, actor=TIMER_SERVICE, now=timezone.now())
    turns.take_turn("interactive")
    assert_stopped(instance)


def test_wishing_twice_is_wishing_once() -> None:
    instance = suspended()
    for _ in range(2):
        wishes.wish(instance.pk, actor=TIMER_SERVICE, now=timezone.now())
    assert stopping.sweep() == 1
    assert stopping.sweep() == 0
    assert_stopped(instance)


def test_a_second_wish_leaves_a_stopped_one_as_it_is() -> None:
    """Two managers stop at the same instant: it stays stopped, not denied, so that it can be restarted."""
    instance = suspended()
    actions.stop(instance.guid, actor=TIMER_SERVICE)
    modified_at = builders.reload(instance).modified_at
    wishes.wish(instance.pk, actor=TIMER_SERVICE, now=timezone.now())
    stopping.sweep()
    assert_stopped(instance)
    assert builders.reload(instance).modified_at == modified_at
    assert AuditEntry.objects.filter(immutable_identifier=str(instance.guid)).count() == 1


def test_a_wish_for_what_was_deleted_meanwhile_is_none() -> None:
    wishes.wish(999_999, actor=TIMER_SERVICE, now=timezone.now())
    assert not StopRequest.objects.exists()


def test_a_wish_that_came_too_late_is_forgotten() -> None:
    instance = builders.run(builders.publish(builders.noops(2)))
    wishes.wish(instance.pk, actor=TIMER_SERVICE, now=timezone.now())
    stopping.sweep()
    assert builders.reload(instance).status == InstanceStatus.Complete
    assert not StopRequest.objects.exists()
    assert not AuditEntry.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_wish_never_waits_for_the_worker_and_is_obeyed_after_its_turn(install: Install) -> None:
    """The worker is in the middle of a step, with the row locked, when the wish is written."""
    running, wished = threading.Event(), threading.Event()

    def behave(context: StepContext) -> Outcome:
        running.set()
        assert wished.wait(30)
        return Continue()

    install(Effects.PURE, behave)
    chain = builders.chain(builders.step("Scripted", "Tested"), builders.approval(roles=[builders.role("A")]))
    instance = builders.start(builders.publish(chain))
    worker = threading.Thread(target=take_turn_apart)
    worker.start()
    assert running.wait(30)
    wishes.wish(instance.pk, actor=TIMER_SERVICE, now=timezone.now())
    assert stopping.apply_stops([instance.pk]) == 0
    wished.set()
    worker.join()
    stopping.sweep()
    assert_stopped(instance)


@pytest.mark.django_db(transaction=True)
def test_a_slow_step_is_undone_when_somebody_stopped_it_meanwhile(install: Install) -> None:
    def behave(context: StepContext) -> Outcome:
        request_stop_apart(context.instance.id)
        return Continue({"key": "made"})

    install(Effects.TRANSACTIONAL, behave)
    version = builders.publish(builders.chain(builders.step("Scripted", "Tested")))
    instance = builders.run(version, {"slow": True})
    assert_stopped(instance)
    assert instance.data == {"slow": True}


@pytest.mark.django_db(transaction=True)
def test_who_stops_one_that_finishes_meanwhile_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    instance = builders.start(builders.publish(builders.noops(2)))
    monkeypatch.setattr(stopping, "stop_now", finish_first)
    with pytest.raises(WrongState, match="Complete"):
        actions.stop(instance.guid, actor=TIMER_SERVICE)


def finish_first(instance_id: int) -> bool:
    """A worker that had looked for wishes before this one was written."""
    StopRequest.objects.all().delete()
    builders.run_until_quiet()
    return True


def take_turn_apart() -> None:
    try:
        turns.take_turn("interactive")
    finally:
        connections.close_all()


def request_stop_apart(instance_id: int) -> None:
    def request() -> None:
        try:
            wishes.wish(instance_id, actor=TIMER_SERVICE, now=timezone.now())
        finally:
            connections.close_all()

    thread = threading.Thread(target=request)
    thread.start()
    thread.join()


def test_the_audit_log_names_who_and_where() -> None:
    instance = suspended()
    actions.stop(instance.guid, actor=TIMER_SERVICE)
    entry = AuditEntry.objects.filter(immutable_identifier=str(instance.guid)).order_by("-id").first()
    assert entry is not None
    assert entry.user_name == "Timer Service"
    assert entry.before == {"Status": "Suspended", "CurrentStep": "RequireApproval1"}


def test_a_wait_that_a_restart_ends_is_closed_in_the_history() -> None:
    instance = suspended()
    actions.restart(instance.guid, actor=TIMER_SERVICE)
    assert builders.reload(instance).status == InstanceStatus.CanceledForRestart
    run = StepRun.objects.get(instance=instance, step_name="RequireApproval1")
    assert run.status == StepRunStatus.Stopped
    assert run.finished_at is not None
