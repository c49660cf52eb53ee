"""Who calls the API in tests: `caller(permission, …)`, `admin`, `stranger`."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from pytest_django import Settings

if TYPE_CHECKING:
    from tests.api.clients import ApiClient
    from tests.world import World
    from workflows.models import Certificate, DefinitionVersion


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


@pytest.fixture
def certificate(world: World) -> Certificate:
    from tests.api.certificates import issued

    return issued(world)


@pytest.fixture
def with_key(world: World) -> Certificate:
    """By PFX, its key not yet fetched."""
    from tests import world as scenery
    from workflows.models import Certificate

    names = {"subject": "CN=appsrvr14.keyexample.com", "sans": {"dns": ["appsrvr14.keyexample.com"]}}
    scenery.enroll(world, template="WebServerPfx", csr="", **names)
    return Certificate.objects.get(template__common_name="WebServerPfx")


@pytest.fixture
def revoking(transactional_db: None, certificate: Certificate, settings: Settings) -> Iterator[Certificate]:
    """A certificate beside workers who carry a revocation out."""
    from tests.api.workers import working

    settings.ENROLL_WAIT_SECONDS = 30
    with working():
        yield certificate


@pytest.fixture
def version(db: None) -> DefinitionVersion:
    """A published one that asks nobody."""
    from tests import builders

    return builders.publish(builders.noops(3), name="Nothing")


@pytest.fixture
def seven(version: DefinitionVersion) -> list[int]:
    """The ids of instances, oldest first; their steps' names go the other way."""
    from tests.api.listed import make

    return [make(version, step=f"Step {9 - number}").pk for number in range(7)]
