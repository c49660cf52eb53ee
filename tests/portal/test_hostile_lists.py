"""Nothing that somebody writes into the address of a list breaks it, and nothing of it becomes markup."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.test import Client
from django.urls import get_resolver, reverse

from tests.architecture.test_portal_access import patterns
from workflows.models import Role

if TYPE_CHECKING:
    from tests.world import World

LISTS = [
    str(pattern.name)
    for pattern in patterns(get_resolver("portal.urls"))
    if not pattern.pattern.converters and not str(pattern.name).startswith(("login", "logout", "sso", "api"))
]
HOSTILE = (
    "a\0b",
    "<script>alert(1)</script>",
    "\u202eשלום 🦄",
    "%s'\"\\; DROP TABLE",
    "x" * 4000,
    "9" * 400,
)
PARAMETERS = ("value", "page", "sort", "q", "tab", "template", "renews", "type", "member", "field")


@pytest.fixture
def admin(world: World) -> Client:
    client = Client()
    client.force_login(Role.objects.get(immutable=True).members.get())
    return client


@pytest.mark.parametrize("text", HOSTILE, ids=["nul", "markup", "directions", "quotes", "long", "digits"])
def test_no_list_breaks(admin: Client, text: str) -> None:
    found = {}
    for name in LISTS:
        for query in (dict.fromkeys(PARAMETERS, text), {"query": text}):
            answer = admin.get(reverse(f"portal:{name}"), query)
            if answer.status_code >= 500 or (not answer.streaming and "<script>alert" in answer.text):
                found[name] = answer.status_code
    assert found == {}
