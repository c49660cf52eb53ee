"""Invoke OAuth REST Request with a server that we did not write (authlib): RFC 6749, 4.4, and RFC 6750."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.steps import oauth_server
from tests.steps.oauth_server import CLIENT, SECRET, OAuthServer
from tests.steps.running import run_step
from workflows.models import Instance
from workflows.vocabulary.statuses import InstanceStatus

pytestmark = pytest.mark.django_db


@pytest.fixture
def server() -> Iterator[OAuthServer]:
    with oauth_server.running() as running:
        yield running


def call(server: OAuthServer, extension: str = "OAuthRESTRequest", **parameters: Any) -> Instance:
    return run_step(
        extension,
        {
            "URL": server.url("/hosts/7"),
            "Verb": "GET",
            "DataBucketProperty": "Host",
            "client_id": CLIENT,
            "client_secret": {"SecretValue": SECRET},
            "TokenEndpoint": {"SecretValue": server.url("/token")},
            "scope": "hosts:read",
            **parameters,
        },
    )


def test_a_page_opens_to_the_token_of_the_client(server: OAuthServer) -> None:
    instance = call(server)
    assert (instance.status, instance.data) == (InstanceStatus.Complete, {"Host": {"owner": "ann"}}), (
        instance.status_message
    )
    assert server.last.scope == "hosts:read"


def test_a_function_of_azure_is_called_the_same_way(server: OAuthServer) -> None:
    instance = call(server, "AzureFunctionOAuth", FunctionKey={"SecretValue": "a key"})
    assert instance.data == {"Host": {"owner": "ann"}}, instance.status_message


def test_one_token_serves_several_calls(server: OAuthServer) -> None:
    for _ in range(3):
        assert call(server).status == InstanceStatus.Complete
    assert (len(server.given), server.opened) == (1, 3)


@pytest.mark.parametrize("fate", ["is_ended", "is_taken_back"])
def test_a_token_that_the_server_refuses_is_fetched_anew(server: OAuthServer, fate: str) -> None:
    call(server)
    setattr(server.last, fate, True)
    assert call(server).status == InstanceStatus.Complete
    assert (len(server.given), server.opened) == (2, 2)


def test_a_token_that_is_about_to_end_is_fetched_anew() -> None:
    with oauth_server.running(lifetime=30) as server:
        call(server)
        call(server)
        assert (len(server.given), server.opened) == (2, 2)


@pytest.mark.parametrize(
    ("parameters", "reason"),
    [
        ({"client_secret": {"SecretValue": "guessed"}}, "the token server answered 401 (invalid_client)"),
        ({"client_id": "stranger"}, "the token server answered 400 (invalid_client)"),
        ({"scope": "hosts:write"}, "the server answered 403 Forbidden"),
    ],
)
def test_who_may_not_is_told_so(server: OAuthServer, parameters: dict[str, Any], reason: str) -> None:
    instance = call(server, **parameters)
    assert instance.status_message == f"Step 'Tested' failed: {reason}"
    assert server.opened == 0
