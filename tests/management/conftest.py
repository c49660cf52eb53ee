"""A seeded installation and the file of its root's key, which only commands for operators touch."""

from __future__ import annotations

from pathlib import Path

import pytest


@pytest.fixture
def root_key_file(db: None, tmp_path: Path) -> Path:
    from workflows.actions import seeding  # Django is ready only when a test runs

    path = tmp_path / "root.key.pem"
    seeding.seed(path)
    return path
