from __future__ import annotations

from collections.abc import Iterator

import pytest

from workflows.encryption import keyrings


@pytest.fixture(autouse=True)
def own_ring() -> Iterator[None]:
    """Whatever a test configures is gone after it."""
    before = list(keyrings._configured)
    yield
    keyrings._configured[:] = before
