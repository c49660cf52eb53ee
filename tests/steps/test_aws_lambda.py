from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.connectors.servers import HttpServer, Reply
from tests.steps.running import problems_of, run_step, runs_of
from workflows.connectors.aws import AwsRequest, Credentials, signed
from workflows.encryption import Secret
from workflows.models import Instance
from workflows.vocabulary.statuses import InstanceStatus

pytestmark = pytest.mark.django_db

SECRET = "kept-very-secret-47"
PATH = "/2015-03-31/functions/check%3Alive/invocations"
BASE = {
    "Region": "eu-central-1",
    "FunctionName": "check:live",
    "AccessKey": "AKIDEXAMPLE",
    "SecretKey": {"SecretValue": SECRET},
}


def invoke(site: HttpServer, data: dict[str, Any] | None = None, **parameters: Any) -> Instance:
    endpoint = {"Endpoint": f"http://127.0.0.1:{site.port}"}
    return run_step("AwsLambda", {**BASE, **endpoint, **parameters}, data)


def test_a_function_is_called_by_a_signed_request(site: HttpServer) -> None:
    site.replies[PATH] = Reply(headers={"Content-Type": "application/json"}, body=b'{"ok": [1]}')
    instance = invoke(site, {"cn": 'w"w'}, Payload='{"cn": "$(cn)"}', DataBucketProperty="Check")
    assert instance.status == InstanceStatus.Complete, instance.status_message
    assert instance.data["Check"] == {"ok": [1]}
    seen = site.seen[0]
    assert json.loads(seen.body) == {"cn": 'w"w'}
    request = AwsRequest(
        f"http://{seen.headers['host']}",
        "/2015-03-31/functions/check:live/invocations",
        {name: seen.headers[name] for name in ("content-type", "x-amz-invocation-type")},
        seen.body,
        "eu-central-1",
        "lambda",
    )
    moment = datetime.strptime(seen.headers["x-amz-date"], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    expected = signed(request, Credentials("AKIDEXAMPLE", Secret(SECRET)), moment)
    assert seen.headers["authorization"] == expected["authorization"]


def test_a_function_that_returns_nothing_gives_null(site: HttpServer) -> None:
    site.replies[PATH] = Reply(body=b"")
    assert invoke(site, DataBucketProperty="Check").data == {"Check": None}


@pytest.mark.parametrize(
    ("reply", "reason"),
    [
        (
            Reply(200, {"X-Amz-Function-Error": "Unhandled"}, b'{"errorMessage": "no such host"}'),
            "the function failed: no such host",
        ),
        (Reply(403, {}, b'{"message": "signature"}'), "the server answered 403 Forbidden"),
        (Reply(429), "the server answered 429 Too Many Requests"),
    ],
)
def test_a_failure_fails_the_step_without_another_attempt(
    site: HttpServer, reply: Reply, reason: str
) -> None:
    site.replies[PATH] = reply
    instance = invoke(site)
    assert instance.status_message == f"Step 'Tested' failed: {reason}"
    assert len(runs_of(instance)) == len(site.seen) == 1


@pytest.mark.parametrize(
    ("parameters", "problem"),
    [
        ({"Region": "x.evil.example/"}, "Region that is none"),
        ({"FunctionName": "../other"}, "FunctionName that is none"),
        ({"Endpoint": "https://a.example/path"}, "Endpoint that is none"),
        ({"SecretKey": None}, "needs the parameter SecretKey"),
    ],
)
def test_what_cannot_work_is_refused_when_saved(parameters: dict[str, Any], problem: str) -> None:

    assert problem in problems_of("AwsLambda", {**BASE, **parameters})
