"""The how-to can be followed to the letter: its step type is installed, its tests are run as they stand."""

from __future__ import annotations

import re

import pytest

from tests.architecture.snapshots import ROOT
from workflows.engine import registry

PAGE = ROOT / "docs" / "how-to" / "add-a-step.md"
STEP_TYPE, TESTS = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)


@pytest.fixture(autouse=True)
def _installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "_steps", dict(registry._steps))
    exec(compile(STEP_TYPE, PAGE, "exec"), {"__name__": "workflows.steps.add_days"})


exec(compile(TESTS, PAGE, "exec"))  # pytest finds its functions here
