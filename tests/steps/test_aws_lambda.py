from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from tests.connectors import aws_server
from tests.connectors.aws_server import AwsServer, Key
from tests.connectors.servers import HttpServer, Reply
from tests.steps.running import problems_of, run_step, runs_of
from workflows.models import Instance
from workflows.vocabulary.statuses import InstanceStatus, StepRunStatus

pytestmark = pytest.mark.django_db

PATH = "/2015-03-31/functions/check%3Alive/invocations"
BASE = {
    "Region": aws_server.REGION,
    "FunctionName": "check:live",
    "AccessKey": "AKIDEXAMPLE",
    "SecretKey": {"SecretValue": "kept-very-secret-47"},
}


@pytest.fixture(scope="module")
def server() -> Iterator[AwsServer]:
    with aws_server.running() as running:
        yield running


def invoke(server: AwsServer, key: Key, **parameters: Any) -> Instance:
    who = {"AccessKey": key.access, "SecretKey": {"SecretValue": key.secret}}
    where = {"FunctionName": "check", "Endpoint": server.url, "StsEndpoint": server.url}
    return run_step("AwsLambda", {**BASE, **who, **where, "DataBucketProperty": "Check", **parameters})


def invoke_site(site: HttpServer, reply: Reply, **parameters: Any) -> Instance:
    site.replies[PATH] = reply
    return run_step("AwsLambda", {**BASE, "Endpoint": f"http://127.0.0.1:{site.port}", **parameters})


def test_a_function_is_called_and_what_it_returns_is_kept(server: AwsServer) -> None:
    server.will_return('{"ok": [1]}')
    instance = invoke(server, server.caller)
    assert instance.status == InstanceStatus.Complete, instance.status_message
    assert instance.data["Check"] == {"ok": [1]}


def test_a_role_is_assumed_and_calls_the_function(server: AwsServer) -> None:
    server.will_return("1")
    instance = invoke(server, server.assumer, RoleArn=server.role, ExternalId="e x")
    assert (instance.status, instance.data) == (InstanceStatus.Complete, {"Check": 1}), (
        instance.status_message
    )


def test_without_the_role_nothing_is_called(server: AwsServer) -> None:
    wrong = Key(server.assumer.access, "guessed")
    instance = invoke(server, wrong, RoleArn=server.role)
    assert instance.status_message.startswith(
        "Step 'Tested' failed: the role was not given: AWS answered 403"
    )
    assert len(runs_of(instance)) == 1


def test_tokens_of_the_payload_are_escaped(site: HttpServer) -> None:
    payload = '{"cn": "$(cn)"}'
    site.replies[PATH] = Reply(body=b"")
    parameters = {**BASE, "Endpoint": f"http://127.0.0.1:{site.port}", "Payload": payload}
    instance = run_step("AwsLambda", {**parameters, "DataBucketProperty": "Check"}, {"cn": 'w"w'})
    assert instance.data == {"cn": 'w"w', "Check": None}
    assert site.seen[0].body == b'{"cn": "w\\"w"}'


@pytest.mark.parametrize(
    ("reply", "reason"),
    [
        (
            Reply(200, {"X-Amz-Function-Error": "Unhandled"}, b'{"errorMessage": "no such host"}'),
            "the function failed: no such host",
        ),
        (Reply(403, {}, b'{"message": "signature"}'), "AWS answered 403"),
        (Reply(503), "AWS answered 503"),
    ],
)
def test_what_may_have_run_is_not_run_again(site: HttpServer, reply: Reply, reason: str) -> None:
    instance = invoke_site(site, reply)
    assert instance.status_message.startswith(f"Step 'Tested' failed: {reason}")
    assert len(runs_of(instance)) == len(site.seen) == 1


def test_a_call_that_was_not_taken_is_made_again_when_the_server_wants(site: HttpServer) -> None:
    instance = invoke_site(site, Reply(429, {"Retry-After": "40"}, b"{}"))
    run = runs_of(instance)[0]
    assert (instance.status, run.status) == (InstanceStatus.Running, StepRunStatus.Retried)
    assert instance.ready_at is not None
    assert instance.ready_at - run.started_at >= timedelta(seconds=40)


@pytest.mark.parametrize(
    ("parameters", "problem"),
    [
        ({"Region": "x.evil.example/"}, "must be like eu-central-1"),
        ({"FunctionName": "../other"}, "must be a name, name:alias, or the ARN"),
        ({"Endpoint": "https://a.example/path"}, "Endpoint that is none; it must be like https://lambda"),
        ({"Endpoint": "https://a.example:99999"}, "port from 1 to 65535"),
        ({"RoleArn": "arn:aws:iam::1:user/ada"}, "must be like arn:aws:iam::123456789012:role/name"),
        ({"StsEndpoint": "sts.example"}, "must be like https://sts."),
        ({"SecretKey": None}, "needs the parameter SecretKey"),
    ],
)
def test_what_cannot_work_is_refused_when_saved(parameters: dict[str, Any], problem: str) -> None:
    assert problem in problems_of("AwsLambda", {**BASE, **parameters})
