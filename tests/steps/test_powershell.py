from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest
from django.conf import LazySettings

from tests import builders
from tests.steps.running import NAME, problems_of, run_step, runs_of
from workflows.connectors import scripts
from workflows.engine import documents, registry
from workflows.models import Instance, Script
from workflows.steps.powershell import CMDLETS
from workflows.vocabulary.statuses import InstanceStatus, StepRunStatus

pytestmark = pytest.mark.django_db

RUNNER = f"'{sys.executable}' -I '{Path(__file__).with_name('script_runner.py')}'"
PARSE_ERROR = (
    "At line:5 char:19\n+ $x = Get-Something -Name 'a\n+ ~~~~\nThe string is missing the terminator: '."
)


@pytest.fixture(autouse=True)
def runner(settings: LazySettings) -> None:
    settings.SCRIPT_RUNNER = RUNNER


def powershell(script: str, data: dict[str, Any] | None = None, **parameters: Any) -> Instance:
    return run_step("PowerShell", {"ScriptContent": script, **parameters}, data)


def test_parameters_go_in_and_each_key_becomes_a_variable() -> None:
    given = {"cn": "$(cn)", "note": 'it\'s "$(cn)"; throw'}
    instance = powershell("echo", {"cn": "www"}, ScriptParameters=given)
    assert instance.status == InstanceStatus.Complete, instance.status_message
    assert instance.data["Got"] == {"cn": "www", "note": 'it\'s "www"; throw'}
    assert instance.data["Cmdlets"] == list(CMDLETS)


def test_a_stored_script_runs_without_limits() -> None:
    Script.objects.create(name="Say it", contents="echo", categories=[6])
    instance = run_step("CustomPowerShell", {"ScriptName": "Say it", "ScriptParameters": {"a": "b"}})
    assert (instance.data["Got"], instance.data["Cmdlets"]) == ({"a": "b"}, None)


def test_a_stored_script_that_is_gone_fails_the_step() -> None:
    script = Script.objects.create(name="Say it", contents="echo", categories=[6])
    step = builders.step("CustomPowerShell", NAME, ConfigurationParameters={"ScriptName": "Say it"})
    version = builders.publish(builders.chain(step))
    script.delete()
    instance = builders.run(version)
    assert instance.status_message == (
        "Step 'Tested' failed: there is no stored script 'Say it' of category 6"
    )


def test_the_runner_sees_nothing_of_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_PASSWORD", "kept-very-secret-46")
    data = powershell("surroundings").data
    assert data["Folder"] == "/"
    assert set(data["Environment"]) <= {"LC_CTYPE"}  # which Python sets itself


def test_the_error_text_is_quoted_in_full() -> None:
    instance = powershell("throw", ScriptParameters={"text": PARSE_ERROR})
    assert instance.status_message == f"Step 'Tested' failed: {PARSE_ERROR}"


def test_an_error_may_be_followed() -> None:
    step = builders.step(
        "PowerShell", NAME, ConfigurationParameters={"ScriptContent": "broken"}, Outputs={"error": "EndNOOP"}
    )
    instance = builders.run(builders.publish(builders.chain(step)))
    assert instance.status == InstanceStatus.Complete
    assert instance.data == {"Tested_error": "the script runner ended with status 3"}


@pytest.mark.parametrize(
    ("script", "reason"),
    [
        ("list", "The script must return one hashtable."),
        ("large", "larger than"),
        ("broken", "ended with status 3"),
        ("no such word", "none that we know"),
        ("hang", "did not end within 1 s"),
    ],
)
def test_a_script_that_does_not_come_to_a_good_end_fails_the_step(script: str, reason: str) -> None:
    instance = powershell(script, TimeoutSeconds=1)
    assert instance.status == InstanceStatus.Failed
    assert reason in instance.status_message


def test_a_script_may_return_nothing() -> None:
    instance = powershell("nothing", {"cn": "www"})
    assert (instance.status, instance.data) == (InstanceStatus.Complete, {"cn": "www"})


def test_a_busy_runner_is_called_again() -> None:
    instance = powershell("busy")
    assert instance.status == InstanceStatus.Running
    assert [run.status for run in runs_of(instance)] == [StepRunStatus.Retried]


@pytest.mark.parametrize("command", ["/nowhere/at/all", "'unbalanced"])
def test_a_runner_that_cannot_be_started_fails_the_step(settings: LazySettings, command: str) -> None:
    settings.SCRIPT_RUNNER = command
    assert "SCRIPT_RUNNER cannot be started" in powershell("echo").status_message
    step_type = registry.step_type("PowerShell")
    assert step_type is not None
    assert "is not there or may not be executed; install it" in step_type.obstacle


@pytest.mark.parametrize(("command", "is_there"), [("sh -c x", True), ("", False), (__file__, False)])
def test_a_runner_is_looked_for_before_it_is_needed(command: str, is_there: bool) -> None:
    assert scripts.is_there(command) == is_there


@pytest.mark.parametrize("extension", ["PowerShell", "CustomPowerShell"])
def test_without_a_runner_it_can_be_saved_but_neither_published_nor_run(
    settings: LazySettings, extension: str
) -> None:
    Script.objects.create(name="x", contents="echo", categories=[6])
    parameters = {"ScriptContent": "echo"} if extension == "PowerShell" else {"ScriptName": "x"}
    step = builders.step(extension, NAME, ConfigurationParameters=parameters)
    version = builders.publish(builders.chain(step))
    assert documents.obstacles(version.steps) == []
    settings.SCRIPT_RUNNER = ""
    (obstacle,) = documents.obstacles(version.steps)
    assert obstacle == "Step 'Tested' needs PowerShell, and SCRIPT_RUNNER names no command that runs it."
    step_type = registry.step_type(extension)
    assert step_type is not None
    assert step_type.shown_name.endswith("(not available here)")
    assert "SCRIPT_RUNNER" in builders.run(version).status_message


def test_what_cannot_work_is_refused_when_saved() -> None:
    Script.objects.create(name="Reports only", contents="", categories=[1])
    assert "ScriptContent" in problems_of("PowerShell", {})
    for name in ("Nothing", "Reports only"):
        assert f"'{name}', which is not stored" in problems_of("CustomPowerShell", {"ScriptName": name})
