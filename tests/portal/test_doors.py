"""Every page of the portal: public by name, or closed to strangers."""

from __future__ import annotations

import uuid
from collections.abc import Iterator

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from django.urls.converters import IntConverter, UUIDConverter

from tests.portal.conftest import Visitors
from tests.world import World

PUBLIC = {"login", "login_code", "logout", "api_docs", "sso_start", "sso_callback"}
# They show what the person may see, perhaps nothing, or the person's own account.
OPEN_TO_EVERYBODY = {"home", "search", "account", "account_password", "account_token_new"}


def patterns(resolver: URLResolver | None = None) -> Iterator[URLPattern]:
    for each in (resolver or get_resolver("portal.urls")).url_patterns:
        if isinstance(each, URLResolver):
            yield from patterns(each)
        else:
            yield each


def address(pattern: URLPattern) -> str:
    """A path that the pattern matches, of a thing that does not exist."""
    path = str(pattern.pattern)
    for name, converter in pattern.pattern.converters.items():
        value = {UUIDConverter: str(uuid.uuid4()), IntConverter: "987654"}.get(type(converter), "pem")
        kind = {UUIDConverter: "uuid", IntConverter: "int"}.get(type(converter), "str")
        path = path.replace(f"<{kind}:{name}>", value)
    return f"/{path}"


PAGES = [pytest.param(pattern, id=str(pattern.name)) for pattern in patterns()]


@pytest.mark.parametrize("pattern", PAGES)
@pytest.mark.parametrize("verb", ["get", "post"])
def test_without_a_log_in_there_is_only_the_log_in(world: World, pattern: URLPattern, verb: str) -> None:
    answer = getattr(Client(), verb)(address(pattern))
    if pattern.name in PUBLIC:
        assert not answer.headers.get("Location", "").startswith("/login?next")
    else:
        assert answer.status_code == 302
        assert answer.headers["Location"].startswith("/login?next=%2F")


@pytest.mark.parametrize("pattern", PAGES)
def test_who_holds_no_role_sees_nothing(visit: Visitors, pattern: URLPattern) -> None:
    answer = visit("stranger").get(address(pattern))
    allowed = {200, 302, 404, 405} if pattern.name in PUBLIC | OPEN_TO_EVERYBODY else {403, 404, 405}
    assert answer.status_code in allowed
