"""Who calls the API in tests: `caller(permission, …)`, `admin`, `stranger`."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.api.clients import ApiClient


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
