"""A seeded installation and browsers without JavaScript: Django's test client as one of the cast."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

if TYPE_CHECKING:
    from tests.portal.editing import Editor
    from tests.world import World
    from workflows.models import DefinitionVersion

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


@pytest.fixture
def editor(visit: Visitors) -> Editor:
    """The operator before the editor of a new definition."""
    from tests.portal.editing import Editor
    from workflows.models import Definition

    client = visit("operator")
    client.post(reverse("portal:definition_new") + "?type=Enrollment", {"display_name": "Edited"})
    return Editor(client, Definition.objects.get(latest__display_name="Edited"))


@pytest.fixture
def version(world: World) -> DefinitionVersion:
    from tests.world import needs_approvals

    return needs_approvals(world)
