from __future__ import annotations

from typing import Any

import pytest

from tests.connectors.servers import HttpServer, Reply
from tests.steps.running import problems_of, run_step
from tests.steps.test_oauth_rest_request import login
from tests.steps.token_server import TokenServer
from workflows.vocabulary.statuses import InstanceStatus

pytestmark = pytest.mark.django_db

KEY = {"FunctionKey": {"SecretValue": "kept-very-secret-45"}}


@pytest.mark.parametrize(("key", "sent"), [(KEY, "kept-very-secret-45"), ({}, None)])
def test_a_function_is_called_with_its_key_or_anonymously(
    site: HttpServer, key: dict[str, Any], sent: str | None
) -> None:
    site.replies["/api/Check"] = Reply(headers={"Content-Type": "application/json"}, body=b'{"ok": true}')
    parameters = {
        "URL": f"http://127.0.0.1:{site.port}/api/Check",
        "RequestContent": '{"cn": "$(cn)"}',
        "DataBucketProperty": "Check",
    }
    instance = run_step("AzureFunction", {**parameters, **key}, {"cn": 'w"w'})
    assert instance.data["Check"] == {"ok": True}
    seen = site.seen[0]
    assert (seen.method, seen.body) == ("POST", b'{"cn": "w\\"w"}')
    assert seen.headers.get("x-functions-key") == sent


def test_a_function_may_want_a_token_and_its_key() -> None:
    with TokenServer().running() as server:
        parameters = {"URL": server.url("/api/Check"), **KEY, **login(server)}
        instance = run_step("AzureFunctionOAuth", parameters)
    assert instance.status == InstanceStatus.Complete, instance.status_message
    _, headers = server.called[0]
    assert headers["authorization"] == "Bearer token-1"
    assert headers["x-functions-key"] == KEY["FunctionKey"]["SecretValue"]


def test_what_cannot_work_is_refused_when_saved() -> None:
    url = {"URL": "https://a.example"}
    assert "FunctionKey" in problems_of("AzureFunctionOAuth", url)
    assert "x-functions-key itself" in problems_of(
        "AzureFunction", {**url, "Headers": {"X-Functions-Key": "a"}}
    )
