"""What the steps talk to, for real: a web server, an installation with a CA, people who approve."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from tests.actions.conftest import world
from tests.connectors.servers import HttpServer

if TYPE_CHECKING:
    from workflows.models import Role

__all__ = ["site", "world"]


@pytest.fixture
def site() -> Iterator[HttpServer]:
    with HttpServer().running() as running:
        yield running


@pytest.fixture
def approvers(db: None) -> Role:
    from tests import builders  # Django is ready only when a test runs

    people = [builders.user(name, email=f"{name}@keyexample.com") for name in ("ada", "bob")]
    return builders.role("Approvers", *people)


@pytest.fixture
def bosses(db: None) -> Role:
    from tests import builders

    return builders.role("Bosses", builders.user("eve", email="eve@keyexample.com"))
