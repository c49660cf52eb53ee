from __future__ import annotations

import pytest

from tests import builders
from tests.steps.running import problems_of, run_step, runs_of
from workflows.models import StepRun
from workflows.vocabulary.statuses import InstanceStatus, StepRunStatus

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("extension", ["SetVariable", "Python"])
def test_each_key_of_the_result_becomes_a_variable(extension: str) -> None:
    script = 'ask = not name.endswith(".example.com")\n{"NeedsApproval": ask, "Owner": "team"}'
    parameters = {"ScriptParameters": {"name": "$(cn)"}, "ScriptContent": script}
    instance = run_step(extension, parameters, {"cn": "www.example.org", "Owner": "nobody"})
    assert instance.data == {"cn": "www.example.org", "Owner": "team", "NeedsApproval": True}
    assert [run.changes for run in runs_of(instance)] == [{"NeedsApproval": True, "Owner": "team"}]


def test_a_parameter_that_is_one_token_keeps_its_type() -> None:
    parameters = {
        "ScriptParameters": {"sizes": "$(Answer.sizes)", "label": "at most $(limit)"},
        "ScriptContent": '{"Sum": sum(sizes), "Label": label}',
    }
    instance = run_step("SetVariable", parameters, {"Answer": {"sizes": [1, 2, 3]}, "limit": 7})
    assert instance.data["Sum"] == 6
    assert instance.data["Label"] == "at most 7"


def test_a_value_never_becomes_code() -> None:
    parameters = {"ScriptParameters": {"cn": "$(cn)"}, "ScriptContent": '{"Copy": cn}'}
    cn = '"} or __import__("os").system("true") #'
    assert run_step("SetVariable", parameters, {"cn": cn}).data["Copy"] == cn


def test_a_later_condition_reads_the_variable() -> None:
    flag = builders.step("SetVariable", "Flag", ConfigurationParameters={"ScriptContent": '{"flag": False}'})
    asked = builders.step("NOOPStep", "Asked", Conditions=[{"Value": "$(flag)"}])
    instance = builders.run(builders.publish(builders.chain(flag, asked)))
    assert StepRun.objects.get(instance=instance, step_name="Asked").status == StepRunStatus.Skipped


@pytest.mark.parametrize(
    ("script", "reason"),
    [
        ('raise ValueError("ask the owner first")', "ask the owner first"),
        ("1 / 0", "ZeroDivisionError"),
        ("[1, 2]", "a list"),
        ('{"": 1}', "empty key"),
        ('open("/etc/passwd").read()', "Tested"),
    ],
)
def test_a_script_that_fails_fails_the_step(script: str, reason: str) -> None:
    instance = run_step("SetVariable", {"ScriptContent": script})
    assert instance.status == InstanceStatus.Failed
    assert instance.status_message.startswith("Step 'Tested' failed: ")
    assert reason in instance.status_message


def test_a_missing_token_is_named() -> None:
    parameters = {"ScriptParameters": {"x": "$(nowhere)"}, "ScriptContent": '{"x": x}'}
    instance = run_step("SetVariable", parameters)
    assert instance.status == InstanceStatus.Failed
    assert "$(nowhere)" in instance.status_message


def test_scripts_of_one_batch_run_one_by_one_and_all_end() -> None:
    step = builders.step("SetVariable", "Set", ConfigurationParameters={"ScriptContent": '{"Done": True}'})
    version = builders.publish(builders.chain(step))
    instances = [builders.start(version) for _ in range(5)]
    builders.run_until_quiet()
    assert [builders.reload(each).data for each in instances] == [{"Done": True}] * 5


@pytest.mark.parametrize("script", ["x = (", "def f(:", "{'a': }"])
def test_a_script_that_is_no_python_is_refused_when_saved(script: str) -> None:
    assert "has a script that cannot run" in problems_of("SetVariable", {"ScriptContent": script})


def test_a_script_is_needed() -> None:
    assert "ScriptContent" in problems_of("SetVariable", {"ScriptParameters": {"x": "1"}})
