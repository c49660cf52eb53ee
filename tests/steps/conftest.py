"""What the steps talk to, for real: a web server, and an installation with a CA."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.actions.conftest import world
from tests.connectors.servers import HttpServer

__all__ = ["site", "world"]


@pytest.fixture
def site() -> Iterator[HttpServer]:
    with HttpServer().running() as running:
        yield running
