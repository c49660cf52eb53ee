from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.apps import apps
from django.core import serializers

from tests.steps.running import problems_of, run_step, runs_of
from tests.steps.token_server import TokenServer
from workflows.models import Instance
from workflows.vocabulary.statuses import InstanceStatus, StepRunStatus

pytestmark = pytest.mark.django_db


@pytest.fixture
def server() -> Iterator[TokenServer]:
    with TokenServer().running() as running:
        yield running


def login(server: TokenServer, **parameters: Any) -> dict[str, Any]:
    return {
        "client_id": server.client[0],
        "client_secret": {"SecretValue": server.client[1]},
        "TokenEndpoint": {"SecretValue": server.url("/token")},
        **parameters,
    }


def call(server: TokenServer, **parameters: Any) -> Instance:
    base = {"URL": server.url("/hosts/7"), "DataBucketProperty": "Host"}
    return run_step("OAuthRESTRequest", {**base, **login(server, **parameters)})


def test_the_call_is_made_with_a_token_for_what_is_asked(server: TokenServer) -> None:
    instance = call(server, scope="a b", audience="api://x")
    assert instance.status == InstanceStatus.Complete, instance.status_message
    assert instance.data == {"Host": {"owner": "ann"}}
    assert server.asked == [
        {
            "grant_type": "client_credentials",
            "client_id": server.client[0],
            "client_secret": server.client[1],
            "scope": "a b",
            "audience": "api://x",
        }
    ]
    path, headers = server.called[0]
    assert (path, headers["authorization"]) == ("/hosts/7", "Bearer token-1")


def test_a_token_is_kept_for_equal_clients_alone(server: TokenServer) -> None:
    for scope in ("a", "a", "b", "a"):
        server.valid = "token-2" if scope == "b" else "token-1"
        assert call(server, scope=scope).status == InstanceStatus.Complete
    assert [asked["scope"] for asked in server.asked] == ["a", "b"]


def test_a_wrong_secret_never_uses_the_token_of_the_right_one(server: TokenServer) -> None:
    assert call(server).status == InstanceStatus.Complete
    instance = call(server, client_secret={"SecretValue": "guessed"})
    assert instance.status == InstanceStatus.Failed
    assert instance.status_message == "Step 'Tested' failed: the token server answered 401 (invalid_client)"


@pytest.mark.parametrize("lifetime", [30, None, "soon"])
def test_a_token_that_ends_soon_is_not_kept(server: TokenServer, lifetime: object) -> None:
    server.answer["expires_in"] = lifetime
    call(server)
    call(server)
    assert len(server.asked) == 2


def test_a_token_that_a_server_refuses_is_fetched_anew_once(server: TokenServer) -> None:
    call(server)
    server.revoke()
    assert call(server).status == InstanceStatus.Complete
    assert [headers["authorization"] for _, headers in server.called] == [
        "Bearer token-1",
        "Bearer token-1",
        "Bearer token-2",
    ]


def test_who_has_no_right_is_told_after_the_second_time(server: TokenServer) -> None:
    call(server)
    server.open = lambda path, headers: (401, {})  # type: ignore[method-assign]
    instance = call(server)
    assert instance.status_message == "Step 'Tested' failed: the server answered 401 Unauthorized"
    assert len(server.asked) == 2


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        ({"token_type": "mac"}, "no bearer token"),
        ({"token_type": "Bearer", "access_token": "two words"}, "no access token"),
        ({"token_type": "Bearer", "access_token": None}, "no access token"),
    ],
)
def test_an_answer_without_a_usable_token_fails_the_step(
    server: TokenServer, answer: dict[str, object], reason: str
) -> None:
    server.answer = answer
    instance = call(server)
    assert instance.status == InstanceStatus.Failed
    assert reason in instance.status_message
    assert server.called == []


def test_a_token_server_that_does_not_answer_is_tried_again(server: TokenServer) -> None:
    instance = call(server, TokenEndpoint={"SecretValue": "http://127.0.0.1:1/token"})
    assert instance.status == InstanceStatus.Running
    assert [run.status for run in runs_of(instance)] == [StepRunStatus.Retried]


def test_secret_and_token_are_seen_nowhere(
    server: TokenServer, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    call(server)
    call(server, client_secret={"SecretValue": "guessed-44"})
    stored = "".join(
        serializers.serialize("json", model._base_manager.all())
        for model in apps.get_app_config("workflows").get_models()
    )
    printed = capfd.readouterr()
    for secret in (server.client[1], "guessed-44", "token-1"):
        assert secret not in stored + caplog.text + printed.out + printed.err


def test_what_cannot_work_is_refused_when_saved() -> None:
    url = {"URL": "https://a.example"}
    for name in ("client_id", "client_secret", "TokenEndpoint"):
        assert f"needs the parameter {name}" in problems_of("OAuthRESTRequest", url)
    complete = {
        "client_id": "x",
        "client_secret": {"SecretValue": "x"},
        "TokenEndpoint": {"SecretValue": "https://a.example/token"},
        "Headers": {"Authorization": "x"},
    }
    assert "authorization itself" in problems_of("OAuthRESTRequest", {**url, **complete})


@pytest.mark.parametrize(
    "endpoint", ["x", "ftp://a.example/very-secret", "https://ada:very-secret@a.example"]
)
def test_an_endpoint_that_is_none_is_refused_without_showing_it(endpoint: str) -> None:
    secrets = {"client_secret": {"SecretValue": "x"}, "TokenEndpoint": {"SecretValue": endpoint}}
    told = problems_of("OAuthRESTRequest", {"URL": "https://a.example", "client_id": "x", **secrets})
    assert "TokenEndpoint that no request can be sent to" in told
    assert "very-secret" not in told


@pytest.mark.parametrize("name", ["client_secret", "TokenEndpoint"])
def test_an_empty_secret_is_none(name: str) -> None:
    given = {
        "URL": "https://a.example",
        "client_id": "x",
        "client_secret": {"SecretValue": "x"},
        "TokenEndpoint": {"SecretValue": "https://a.example/token"},
        name: {"SecretValue": " "},
    }
    assert f"needs the parameter {name}" in problems_of("OAuthRESTRequest", given)
