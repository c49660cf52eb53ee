from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from tests import builders
from tests.steps.running import problems_of, run_step, runs_of
from workflows.models import Instance, StepRun
from workflows.vocabulary.statuses import InstanceStatus, StepRunStatus

pytestmark = pytest.mark.django_db


def make_due(instance: Instance) -> Instance:
    Instance.objects.filter(pk=instance.pk).update(ready_at=timezone.now())
    builders.run_until_quiet()
    return builders.reload(instance)


@pytest.mark.parametrize(
    ("parameters", "due"),
    [
        ({"Until": "2999-01-02"}, datetime(2999, 1, 2, tzinfo=UTC)),
        ({"Until": "2999-01-02T10:00:00+02:00"}, datetime(2999, 1, 2, 8, tzinfo=UTC)),
        ({"Until": "$(end)", "Days": -7, "Hours": 1}, datetime(2998, 12, 25, 1, tzinfo=UTC)),
    ],
)
def test_it_waits_until_a_time(parameters: dict[str, Any], due: datetime) -> None:
    instance = run_step("Wait", parameters, {"end": "2999-01-01T00:00:00Z"})
    assert (instance.status, instance.ready_at) == (InstanceStatus.Running, due)
    assert instance.status_message == f"Waits until {due:%Y-%m-%d %H:%M} UTC."
    assert [run.status for run in runs_of(instance)] == [StepRunStatus.Waiting]


def test_it_goes_on_when_it_is_due() -> None:
    instance = run_step("Wait", {"Days": 1})
    begun = runs_of(instance)[0].started_at
    assert instance.ready_at == begun + timedelta(days=1)
    instance = make_due(instance)
    assert (instance.status, instance.status_message) == (InstanceStatus.Complete, "Complete")
    run = runs_of(instance)
    assert [each.status for each in run] == [StepRunStatus.Done]
    assert StepRun.objects.filter(instance=instance, step_name="EndNOOP").exists()


def test_a_time_that_has_passed_is_no_wait() -> None:
    instance = run_step("Wait", {"Until": "2001-01-01"})
    assert instance.status == InstanceStatus.Complete


@pytest.mark.parametrize("until", ["tomorrow", "", "9999-12-31T23:00:00-10:00"])
def test_a_value_that_is_no_time_fails_the_step(until: str) -> None:
    instance = run_step("Wait", {"Until": "$(end)", "Days": 9}, {"end": until + " "})
    assert instance.status == InstanceStatus.Failed


@pytest.mark.parametrize(
    ("parameters", "problem"),
    [
        ({}, "needs Until"),
        ({"Days": 1, "Hours": -24}, "needs Until"),
        ({"Until": "soon"}, "'soon' is no time"),
        ({"Days": 10_000_000}, "Days must be at most"),
    ],
)
def test_what_is_no_wait_is_refused_when_saved(parameters: dict[str, Any], problem: str) -> None:
    assert problem in problems_of("Wait", parameters)
