"""A seeded installation and browsers without JavaScript: Django's test client as one of the cast."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from django.test import Client
from pytest_django import Settings

if TYPE_CHECKING:
    from tests.world import World

Visitors = Callable[[str], Client]


@pytest.fixture(autouse=True)
def fresh_listener(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """What pages heard in one test is not known in the next."""
    from tests import hearing

    yield from hearing.of_ones_own(monkeypatch)


@pytest.fixture
def world(db: None, tmp_path: Path, settings: Settings) -> World:
    from tests import world as scenery  # Django is ready only when a test runs

    settings.ENROLL_WAIT_SECONDS = 0
    return scenery.make(tmp_path)


@pytest.fixture
def visit(world: World) -> Visitors:
    """`visit("approver")`: a client in which that person is logged in; `admin` may do everything."""

    def client_of(name: str) -> Client:
        from workflows.models import User

        client = Client()
        client.force_login(User.objects.get(username=name))
        return client

    return client_of
