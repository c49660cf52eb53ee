"""Who calls the API in tests: `caller(permission, …)`, `admin`, `stranger`."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from pytest_django import Settings

if TYPE_CHECKING:
    from tests.api.clients import ApiClient
    from tests.world import World


@pytest.fixture
def caller(db: None) -> Callable[..., ApiClient]:
    """`caller("/security/read/")`: a client of a new user who holds these permissions."""

    from tests.api.clients import ApiClient, person  # models need the settings that tests/conftest.py names

    numbers = itertools.count()

    def make(*permissions: str, mount: str = "/api/") -> ApiClient:
        user = person(f"caller{next(numbers)}", *permissions)
        return ApiClient(user.username, mount=mount)

    return make


@pytest.fixture
def admin(caller: Callable[..., ApiClient]) -> ApiClient:
    """Holds everything."""
    return caller("/")


@pytest.fixture
def stranger(caller: Callable[..., ApiClient]) -> ApiClient:
    """Logged in, without any role."""
    return caller()


@pytest.fixture
def world(db: None, tmp_path: Path, settings: Settings) -> World:
    """A seeded installation with its cast; nothing waits for workers."""
    from tests import world as scenery

    settings.ENROLL_WAIT_SECONDS = 0
    return scenery.make(tmp_path)


@pytest.fixture
def cast(world: World) -> Callable[..., ApiClient]:
    """`cast("approver")`: a client of one of them."""
    from tests.api.clients import ApiClient

    def client(name: str, mount: str = "/api/") -> ApiClient:
        return ApiClient(getattr(world, name).username, mount=mount, password="a password of tests")

    return client
