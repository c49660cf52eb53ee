"""Turns: what a worker makes of ready instances."""

from __future__ import annotations

import pytest

from tests import builders
from workflows.engine import compiling, moving, registry, turns
from workflows.models import StepRun
from workflows.vocabulary.statuses import InstanceStatus, StepRunStatus

pytestmark = pytest.mark.django_db


def test_pure_steps_run_in_one_turn_and_leave_a_history() -> None:
    instance = builders.start(builders.publish(builders.noops(5)))
    assert turns.take_turn("interactive") == 1
    instance = builders.reload(instance)
    assert instance.status == InstanceStatus.Complete
    assert instance.ready_at is None
    assert instance.step_name == "EndNOOP"
    runs = StepRun.objects.filter(instance=instance).order_by("id")
    assert [run.step_name for run in runs] == ["StartNOOP", "NOOP0", "NOOP1", "NOOP2", "EndNOOP"]
    assert {run.status for run in runs} == {StepRunStatus.Done}


def test_a_finished_instance_is_not_claimed_again() -> None:
    builders.run(builders.publish(builders.noops(2)))
    assert turns.take_turn("interactive") == 0


def test_a_disabled_step_is_passed_over() -> None:
    version = builders.publish(builders.chain(builders.step("NOOPStep", "Off", Enabled=False)))
    instance = builders.run(version)
    assert instance.status == InstanceStatus.Complete
    assert StepRun.objects.get(instance=instance, step_name="Off").status == StepRunStatus.Skipped


@pytest.mark.parametrize(
    ("condition", "data", "status"),
    [
        ("True", {}, StepRunStatus.Done),
        ("false", {}, StepRunStatus.Skipped),
        ("$(flag)", {"flag": "True"}, StepRunStatus.Done),
        ("$(flag)", {"flag": False}, StepRunStatus.Skipped),
        ("$(count) > 2", {"count": 3}, StepRunStatus.Done),
    ],
)
def test_conditions_decide_whether_a_step_runs(
    condition: str, data: dict[str, object], status: StepRunStatus
) -> None:
    asked = builders.step("NOOPStep", "Asked", Conditions=[{"Value": condition}])
    instance = builders.run(builders.publish(builders.chain(asked)), data)
    run = StepRun.objects.get(instance=instance, step_name="Asked")
    assert run.status == status
    assert run.conditions[0]["Condition"] == condition


def test_a_missing_token_fails_the_step_and_is_named() -> None:
    asked = builders.step("NOOPStep", "Asked", Conditions=[{"Value": "$(nowhere)"}])
    instance = builders.run(builders.publish(builders.chain(asked)))
    assert instance.status == InstanceStatus.Failed
    assert instance.status_message.startswith("Step 'Asked' failed: ")
    assert "nowhere" in instance.status_message


def test_fifty_instances_share_a_turn(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(moving, "BUDGET", 600)  # a slow machine must not divide a turn
    version = builders.publish(builders.noops(5))
    for _ in range(60):
        builders.start(version)
    assert turns.take_turn("interactive") == 50
    assert turns.take_turn("interactive") == 10


def test_an_instance_that_cannot_be_moved_fails_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its step type was removed after it began; those behind it in the queue must not wait for it."""
    script = {"ScriptContent": "{}"}
    removed = builders.step("SetVariable", "Removed", ConfigurationParameters=script)
    bad = builders.start(builders.publish(builders.chain(removed)))
    version = builders.publish(builders.noops(2))
    good = [builders.start(version) for _ in range(3)]
    monkeypatch.delitem(registry._steps, "setvariable")
    monkeypatch.setattr(compiling, "_compiled", {})
    builders.run_until_quiet()
    assert {builders.reload(each).status for each in good} == {InstanceStatus.Complete}
    assert builders.reload(bad).status == InstanceStatus.Failed
    assert "is not installed" in builders.reload(bad).status_message
