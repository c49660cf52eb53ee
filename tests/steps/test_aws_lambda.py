from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs

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


ROLE = "arn:aws:iam::123456789012:role/Caller"
ASSUMED = b"""<AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleResult>
<Credentials><AccessKeyId>ASIAROLE</AccessKeyId><SecretAccessKey>role/secret+1</SecretAccessKey>
<SessionToken>token==</SessionToken><Expiration>2026-11-22T10:00:00Z</Expiration></Credentials>
</AssumeRoleResult></AssumeRoleResponse>"""


def invoke_as_role(site: HttpServer, reply: Reply) -> Instance:
    site.replies["/"] = reply
    site.replies[PATH] = Reply(headers={"Content-Type": "application/json"}, body=b"1")
    endpoint = f"http://127.0.0.1:{site.port}"
    return invoke(site, RoleArn=ROLE, ExternalId="e x", StsEndpoint=endpoint, DataBucketProperty="Check")


def test_a_role_is_assumed_and_calls_the_function(site: HttpServer) -> None:
    instance = invoke_as_role(site, Reply(body=ASSUMED))
    assert (instance.status, instance.data) == (InstanceStatus.Complete, {"Check": 1}), (
        instance.status_message
    )
    asked, called = site.seen
    form = parse_qs(asked.body.decode())
    assert (form["Action"], form["RoleArn"], form["ExternalId"]) == (["AssumeRole"], [ROLE], ["e x"])
    assert "Credential=AKIDEXAMPLE/" in asked.headers["authorization"]
    assert "/eu-central-1/sts/aws4_request" in asked.headers["authorization"]
    assert called.headers["x-amz-security-token"] == "token=="
    assert "Credential=ASIAROLE/" in called.headers["authorization"]
    assert "x-amz-security-token" in called.headers["authorization"]


@pytest.mark.parametrize(
    ("reply", "reason"),
    [
        (Reply(403, {}, b"<Error>secret</Error>"), "the role was not given: STS answered 403"),
        (Reply(200, {}, b"<html>hello</html>"), "STS answered without credentials"),
    ],
)
def test_without_the_role_nothing_is_called(site: HttpServer, reply: Reply, reason: str) -> None:
    instance = invoke_as_role(site, reply)
    assert instance.status_message == f"Step 'Tested' failed: {reason}"
    assert len(site.seen) == 1


@pytest.mark.parametrize(
    ("parameters", "problem"),
    [
        ({"Region": "x.evil.example/"}, "Region that is none"),
        ({"FunctionName": "../other"}, "FunctionName that is none"),
        ({"Endpoint": "https://a.example/path"}, "Endpoint that is none"),
        ({"RoleArn": "arn:aws:iam::1:user/ada"}, "RoleArn that is none"),
        ({"StsEndpoint": "sts.example"}, "StsEndpoint that is none"),
        ({"SecretKey": None}, "needs the parameter SecretKey"),
    ],
)
def test_what_cannot_work_is_refused_when_saved(parameters: dict[str, Any], problem: str) -> None:

    assert problem in problems_of("AwsLambda", {**BASE, **parameters})
