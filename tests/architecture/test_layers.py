"""Imports go down only; `pyproject.toml` spells out the order."""

from __future__ import annotations

import pytest
from importlinter.cli import lint_imports

from tests.architecture.snapshots import ROOT


def test_imports_go_down(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.chdir(ROOT)
    assert lint_imports(no_cache=True) == 0, capsys.readouterr().out
