"""Starting: one for a person who waits, or thousands in the order of their seeds."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone
from pytest_django import DjangoCaptureOnCommitCallbacks

from tests import builders
from workflows.engine import queue, starting, turns
from workflows.engine.starting import Seed
from workflows.errors import InvalidInput
from workflows.models import Instance, InstanceRecord, StepRun
from workflows.vocabulary.statuses import InstanceStatus

pytestmark = pytest.mark.django_db


def seed(number: int = 0, **fields: object) -> Seed:
    values = {
        "title": f"Number {number}",
        "initiating_user_name": "Timer Service",
        "data": {"number": number},
    }
    return Seed(**{**values, **fields})  # type: ignore[arg-type]


def test_many_are_started_in_the_order_of_their_seeds() -> None:
    """More than two statements' worth."""
    version = builders.publish(builders.noops(2))
    seeds = [seed(number) for number in range(2500)]
    started = starting.start_many(version, seeds, now=timezone.now())
    assert [each.guid for each in started] == [each.guid for each in seeds]
    assert [each.id for each in started] == sorted(each.id for each in started)
    titles = dict(InstanceRecord.objects.values_list("pk", "title"))
    assert [titles[each.id] for each in started] == [each.title for each in seeds]
    numbers = dict(Instance.objects.values_list("pk", "data__number"))
    assert [numbers[each.id] for each in started] == list(range(2500))


def test_none_at_all_are_started_without_a_statement() -> None:
    assert starting.start_many(builders.publish(builders.noops(2)), [], now=timezone.now()) == []


def test_what_an_instance_begins_with() -> None:
    user = builders.user("alice")
    before = builders.start(builders.publish(builders.noops(2)))
    version = builders.publish(builders.noops(2), name="Another")
    fields = {"initiator_id": user.pk, "key": "7", "restarted_from_id": before.pk, "restarted_by_id": user.pk}
    now = timezone.now()
    started = starting.start(version, seed(7, **fields), now=now)
    instance = Instance.objects.select_related("record").get(pk=started.id)
    assert (instance.status, instance.queue, instance.attempt) == (InstanceStatus.Running, "interactive", 0)
    assert (instance.step_name, instance.step_display_name) == ("StartNOOP", "StartNOOP")
    assert str(instance.step_guid) == version.steps[0]["Id"]
    assert instance.ready_at == instance.started_at == instance.modified_at == now
    assert instance.initiator_id == user.pk
    record = instance.record
    assert (record.workflow_type, record.key, record.initial_data) == ("Expiration", "7", {"number": 7})
    assert (record.restarted_from_id, record.restarted_by_id) == (before.pk, user.pk)


def test_the_first_step_is_the_one_that_nothing_leads_to() -> None:
    steps = list(reversed(builders.noops(4)))
    assert builders.start(builders.publish(steps)).step_name == "StartNOOP"


def test_one_refused_beforehand_ends_failed_and_never_runs() -> None:
    version = builders.publish(builders.noops(2))
    started = starting.start(version, seed(failure="Pre-process failed: no"), now=timezone.now())
    assert turns.take_turn("interactive") == 0
    instance = Instance.objects.get(pk=started.id)
    assert (instance.status, instance.ready_at) == (InstanceStatus.Failed, None)
    assert instance.status_message == "Pre-process failed: no"
    assert not StepRun.objects.filter(instance=instance).exists()


@pytest.mark.parametrize("data", [{"text": "a NUL \x00"}, {"text": "x" * 2**20}, {"": 1}, {"set": {1}}])
def test_data_that_cannot_be_stored_are_refused(data: dict[str, object]) -> None:
    version = builders.publish(builders.noops(2))
    with pytest.raises(InvalidInput):
        starting.start(version, seed(data=data), now=timezone.now())
    assert not Instance.objects.exists()


def test_one_that_begins_later_waits_for_its_time() -> None:
    version = builders.publish(builders.noops(2))
    starting.start(version, seed(), now=timezone.now() + timedelta(hours=1))
    assert turns.take_turn("interactive") == 0


def test_workers_are_woken_when_the_start_is_committed_and_not_before(
    monkeypatch: pytest.MonkeyPatch,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    woken: list[str] = []
    monkeypatch.setattr(queue, "wake", woken.append)
    version = builders.publish(builders.noops(2))
    with django_capture_on_commit_callbacks(execute=True):
        with transaction.atomic():
            starting.start(version, seed(), now=timezone.now())
        assert woken == []
    assert woken == ["interactive"]
