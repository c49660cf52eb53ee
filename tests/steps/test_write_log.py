from __future__ import annotations

import json

import pytest

from tests.steps.running import NAME, problems_of, run_step
from workflows.vocabulary.statuses import InstanceStatus

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("level", ["Warning", "Error"])
def test_it_writes_one_line_with_all_that_identifies_it(
    level: str, capfd: pytest.CaptureFixture[str]
) -> None:
    parameters = {"Level": level, "Message": "about $(cn)", "Fields": {"names": "$(SANs)", "by": "us $(n)"}}
    data = {"cn": "www\n{}", "SANs": ["a", "b"], "n": 1}
    instance = run_step("WriteLog", parameters, data)
    assert instance.status == InstanceStatus.Complete
    assert instance.data == data
    written = json.loads(next(line for line in capfd.readouterr().err.splitlines() if "workflow log" in line))
    assert (written["message"], written["level"]) == ("about www\n{}", level.lower())
    assert written["fields"] == {"names": ["a", "b"], "by": "us 1"}
    assert (written["instance"], written["step"]) == (str(instance.guid), NAME)


def test_a_level_that_is_none_is_refused_when_saved() -> None:
    assert "Level" in problems_of("WriteLog", {"Level": "Loud", "Message": "x"})
    assert "Message" in problems_of("WriteLog", {})
