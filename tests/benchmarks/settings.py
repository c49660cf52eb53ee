"""The settings of the tests, with the step type and the plain list of the benchmarks."""

from __future__ import annotations

from tests.settings import *  # noqa: F403

CELERY_IMPORTS = ["tests.benchmarks.step_types"]
ENROLL_WAIT_SECONDS = 0
ROOT_URLCONF = "tests.benchmarks.plain"
