"""A seeded installation for the tests of actions; nothing waits, because workers run in the test itself."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from pytest_django import Settings

if TYPE_CHECKING:
    from tests.world import World


@pytest.fixture
def world(db: None, tmp_path: Path, settings: Settings) -> World:
    from tests import world as scenery  # Django is ready only when a test runs

    settings.ENROLL_WAIT_SECONDS = 0
    return scenery.make(tmp_path)
