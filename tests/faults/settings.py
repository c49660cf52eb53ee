"""The tests' settings for a worker that shall die."""

from __future__ import annotations

from tests.settings import *  # noqa: F403

INSTALLED_APPS = [*INSTALLED_APPS, "tests.faults.crashing.CrashingConfig"]  # noqa: F405
