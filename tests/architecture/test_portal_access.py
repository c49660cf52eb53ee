"""Every page against a visitor without a session and against a user without any role."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from portal.entrance import own_path
from tests.api.clients import person


def patterns(resolver: URLResolver) -> Iterator[URLPattern]:
    for each in resolver.url_patterns:
        yield from patterns(each) if isinstance(each, URLResolver) else [each]


PATTERNS = {str(each.name): str(each.pattern) for each in patterns(get_resolver("portal.urls"))}
SAMPLES = {"int": 999999, "uuid": "00000000-0000-4000-8000-000000000000", "str": "pem", "path": "statuses"}
PUBLIC = {"login", "login_code", "logout", "sso_callback", "sso_start"}
# Pages that show each user what is his own.
FOR_EVERYBODY = {
    *("account", "account_password", "account_token_new", "documentation", "documentation_page", "home"),
    "search",
}

pytestmark = pytest.mark.django_db


def address(name: str) -> str:
    kinds = re.findall(r"<(\w+):(\w+)>", PATTERNS[name])
    return reverse(f"portal:{name}", kwargs={argument: SAMPLES[kind] for kind, argument in kinds})


@pytest.fixture
def stranger(client: Client) -> Client:
    client.force_login(person("stranger"))
    return client


@pytest.mark.parametrize("verb", ["get", "post"])
@pytest.mark.parametrize("name", PATTERNS)
def test_without_a_session_every_page_is_the_log_in(name: str, verb: str, client: Client) -> None:
    answer = getattr(client, verb)(address(name))
    goes_to_login = answer.status_code == 302 and answer["Location"].startswith("/login?next=")
    assert goes_to_login is (name not in PUBLIC)


@pytest.mark.parametrize("name", [name for name in PATTERNS if name not in PUBLIC | FOR_EVERYBODY])
def test_a_stranger_changes_nothing_but_his_own(name: str, stranger: Client) -> None:
    answer = stranger.post(address(name))
    assert name.startswith("account_") or answer.status_code in {403, 404, 405}, answer.status_code


@pytest.mark.parametrize("name", PATTERNS)
def test_what_takes_only_forms_names_their_page(name: str, stranger: Client) -> None:
    refused = stranger.get(address(name))
    if refused.status_code == 405:
        assert "Not in this way" in refused.content.decode()
        assert refused.headers["Allow"] == "POST"
    assert stranger.get(own_path(f"{address(name)}?q=1")).status_code != 405


@pytest.mark.parametrize("name", [name for name in PATTERNS if name not in PUBLIC])
def test_a_stranger_sees_what_is_his_own_and_nothing_else(name: str, stranger: Client) -> None:
    answer = stranger.get(address(name))
    assert (answer.status_code == 200) is (name in FOR_EVERYBODY), answer.status_code
    assert answer.status_code in {200, 403, 404, 405}
