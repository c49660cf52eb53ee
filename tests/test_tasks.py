"""The periodic tasks over real tables."""

from __future__ import annotations

from datetime import timedelta

import pytest
from celery.signals import beat_init
from django.contrib.sessions.models import Session
from django.db import OperationalError
from django.utils import timezone
from pytest_django import Settings

from config.celery import app
from tests import builders
from tests.subscribers import subscribe
from workflows import tasks
from workflows.actions import list_marks
from workflows.engine import queue, stopping
from workflows.engine.liveness import broker
from workflows.models import Instance, LoginFailures, StopRequest, Subscription, WebhookDelivery
from workflows.vocabulary.statuses import InstanceStatus

pytestmark = pytest.mark.django_db(transaction=True)


def test_housekeeping_forgets_what_is_over() -> None:
    long_ago = timezone.now() - timedelta(days=2)
    LoginFailures.objects.create(subject="name:x", count=3, window_started_at=long_ago)
    Session.objects.create(session_key="old", session_data="", expire_date=long_ago)
    Session.objects.create(
        session_key="live", session_data="", expire_date=timezone.now() + timedelta(hours=1)
    )
    tasks.housekeeping()
    assert not LoginFailures.objects.exists()
    assert Session.objects.get().session_key == "live"


def test_a_part_of_a_tick_that_fails_keeps_no_other_from_its_work(monkeypatch: pytest.MonkeyPatch) -> None:
    instance = builders.start(builders.publish(builders.noops(2)))
    StopRequest.objects.create(instance=instance, user_name="Somebody", requested_at=timezone.now())

    def fail() -> None:
        raise OperationalError("the statement took too long")

    monkeypatch.setattr(queue, "wake_ready_queues", fail)
    tasks.tick()
    assert Instance.objects.get().status == InstanceStatus.Rejected
    assert stopping.sweep() == 0


def test_whoever_jumps_into_a_list_finds_marks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(list_marks, "FAR", 2)
    ids = [builders.start(builders.publish(builders.noops(2), name=name)).pk for name in "abc"]
    tasks.mark_lists()
    assert list_marks.Marks(Instance.objects.order_by("-pk")).reach(2) == (2, ids[1])


def test_lists_are_marked_when_beat_starts() -> None:
    waiting = broker().llen("maintenance")
    beat_init.send(sender=None)
    assert broker().llen("maintenance") == waiting + 1
    assert "workflows.mark_lists" in str(broker().lindex("maintenance", 0))


def test_each_periodic_task_is_one_that_workers_know() -> None:
    app.loader.import_default_modules()
    assert {entry["task"] for entry in app.conf.beat_schedule.values()} <= set(app.tasks)


def test_the_timer_purges_and_tells(settings: Settings) -> None:
    settings.PURGE_AGE_DAYS = 30
    subscribe()
    Subscription.objects.update(url="http://169.254.169.254/")  # once allowed
    instance = builders.run(builders.publish(builders.noops(2)))
    long_ago = timezone.now() - timedelta(days=31)
    Instance.objects.filter(pk=instance.pk).update(started_at=long_ago, modified_at=long_ago)
    tasks.purge()
    assert not Instance.objects.exists()
    tasks.send_webhooks()
    assert WebhookDelivery.objects.get().attempts == 1
