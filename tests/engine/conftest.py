"""Step types that exist for one test."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.engine.step_types import Behaviour, Scripted
from workflows.engine import registry
from workflows.engine.contracts import Effects

Install = Callable[..., Scripted]


@pytest.fixture
def install(monkeypatch: pytest.MonkeyPatch) -> Install:
    """Install a scripted step type under a name, for this test alone."""

    def add(
        effects: Effects, behave: Behaviour | None = None, *, name: str = "Scripted", **attributes: Any
    ) -> Scripted:
        step_type = Scripted(effects, behave, extension_name=name, **attributes)
        monkeypatch.setitem(registry._steps, name.casefold(), step_type)
        return step_type

    return add


@pytest.fixture
def fresh_listener(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    from tests import hearing  # Django is ready only when a test runs

    yield from hearing.of_ones_own(monkeypatch)
