from __future__ import annotations

import pytest

from tests.steps.running import run_step, runs_of
from workflows.vocabulary.statuses import InstanceStatus, StepRunStatus

pytestmark = pytest.mark.django_db


def test_it_changes_nothing() -> None:
    instance = run_step("NOOPStep", {}, {"cn": "www"})
    assert instance.status == InstanceStatus.Complete
    assert instance.data == {"cn": "www"}
    assert [(run.status, run.changes) for run in runs_of(instance)] == [(StepRunStatus.Done, None)]
