from __future__ import annotations

from collections.abc import Iterator

import pytest

from workflows.encryption import keyrings


@pytest.fixture(autouse=True)
def own_ring() -> Iterator[None]:
    """Whatever a test configures is gone after it."""
    before = keyrings._ring
    yield
    keyrings._ring = before
