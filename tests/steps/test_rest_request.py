from __future__ import annotations

import base64
import json
import logging
import socket
from typing import Any

import pytest
from django.apps import apps
from django.core import serializers
from django.utils import timezone

from tests import builders
from tests.connectors.servers import HttpServer, Reply, drip, read_head, scripted
from tests.steps.running import NAME, problems_of, run_step, runs_of
from workflows.models import Instance, StepRun
from workflows.vocabulary.statuses import InstanceStatus, StepRunStatus

pytestmark = pytest.mark.django_db

JSON = {"Content-Type": "application/json; charset=utf-8"}
PASSWORD = "kept-very-secret-42"


def call(
    site: HttpServer, path: str = "/", data: dict[str, Any] | None = None, **parameters: Any
) -> Instance:
    return run_step("RESTRequest", {"URL": f"http://127.0.0.1:{site.port}{path}", **parameters}, data)


# --- the answer --------------------------------------------------------------------------------------------


def test_a_json_answer_is_kept_and_read_by_path(site: HttpServer) -> None:
    site.replies["/people/7"] = Reply(headers=JSON, body=b'{"mail": "boss@keyexample.com", "level": 3}')
    url = f"http://127.0.0.1:{site.port}/people/$(id)"
    asked = builders.step(
        "RESTRequest", "Ask", ConfigurationParameters={"URL": url, "DataBucketProperty": "Boss"}
    )
    script = {"ScriptParameters": {"mail": "$(Boss.mail)"}, "ScriptContent": '{"Mail": mail}'}
    read = builders.step("SetVariable", "Read", ConfigurationParameters=script)
    instance = builders.run(builders.publish(builders.chain(asked, read)), {"id": 7})
    assert instance.status == InstanceStatus.Complete
    assert instance.data["Boss"] == {"mail": "boss@keyexample.com", "level": 3}
    assert instance.data["Mail"] == "boss@keyexample.com"


def test_a_text_answer_is_kept_as_text(site: HttpServer) -> None:
    site.replies["/"] = Reply(headers={"Content-Type": "text/plain; charset=latin-1"}, body=b"gr\xfcn 1.10")
    assert call(site, DataBucketProperty="Answer").data == {"Answer": "grün 1.10"}


def test_without_a_variable_the_answer_is_dropped(site: HttpServer) -> None:
    site.replies["/"] = Reply(headers=JSON, body=b'{"a": 1}')
    instance = call(site)
    assert instance.status == InstanceStatus.Complete
    assert instance.data == {}


@pytest.mark.parametrize("body", [b'{"a": "\\u0000"}', b'{"": 1}', b"[" * 100 + b"]" * 100, b'{"a": NaN}'])
def test_an_answer_that_the_data_cannot_hold_fails_the_step(site: HttpServer, body: bytes) -> None:
    site.replies["/"] = Reply(headers=JSON, body=body)
    instance = call(site, DataBucketProperty="Answer")
    assert instance.status == InstanceStatus.Failed
    assert "its result cannot be stored" in instance.status_message


def test_an_answer_larger_than_the_limit_fails_the_step(site: HttpServer) -> None:
    site.replies["/"] = Reply(body=b"x" * 600_000)
    instance = call(site, DataBucketProperty="Answer")
    assert instance.status == InstanceStatus.Failed
    assert "larger than" in instance.status_message


# --- the request -------------------------------------------------------------------------------------------


def test_the_request_is_what_the_definition_says(site: HttpServer) -> None:
    site.replies["/orders?for=a%26b%2Fc"] = Reply(201)
    instance = call(
        site,
        "/orders?for=$(who)",
        {"who": "a&b/c", "text": 'he said "no"', "list": [1, None], "tag": "blue"},
        Verb="POST",
        Headers={"X-Tag": "$(tag)", "Accept": ["a/b", "c/d"]},
        RequestContent='{"said": "$(text)", "list": $(list)}',
    )
    assert instance.status == InstanceStatus.Complete
    seen = site.seen[0]
    assert seen.method == "POST"
    assert json.loads(seen.body) == {"said": 'he said "no"', "list": [1, None]}
    assert seen.headers["content-type"] == "application/json"
    assert seen.headers["x-tag"] == "blue"
    assert "authorization" not in seen.headers


@pytest.mark.parametrize(
    ("content_type", "template", "body"),
    [
        ("application/x-www-form-urlencoded", "name=$(v)&x=1", b"name=a%26b%3D%3C1%3E+%22&x=1"),
        ("application/xml", "<n>$(v)</n>", b"<n>a&amp;b=&lt;1&gt; &quot;</n>"),
        ("text/plain", "n: $(v)", b'n: a&b=<1> "'),
        ("application/vnd.api+json; charset=utf-8", '{"n": "$(v)"}', b'{"n": "a&b=<1> \\""}'),
    ],
)
def test_values_are_escaped_for_the_content_type(
    site: HttpServer, content_type: str, template: str, body: bytes
) -> None:
    site.replies["/"] = Reply()
    call(site, data={"v": 'a&b=<1> "'}, Verb="PUT", ContentType=content_type, RequestContent=template)
    assert site.seen[0].body == body


def test_a_value_cannot_begin_another_header(site: HttpServer) -> None:
    instance = call(site, data={"evil": "a\r\nX-Admin: 1"}, Headers={"X-Tag": "$(evil)"})
    assert instance.status == InstanceStatus.Failed
    assert "$(evil)" in instance.status_message
    assert site.seen == []


def test_each_step_of_each_instance_has_its_own_idempotency_key(site: HttpServer) -> None:
    site.replies["/"] = Reply()
    first, second = call(site), call(site)
    sent = [seen.headers["idempotency-key"] for seen in site.seen]
    assert sent == [str(runs_of(each)[0].idempotency_key) for each in (first, second)]
    assert sent[0] != sent[1]


def test_null_stands_for_the_default(site: HttpServer) -> None:
    site.replies["/"] = Reply()
    names = ("Verb", "Headers", "ContentType", "RequestContent", "DataBucketProperty", "TimeoutSeconds")
    assert call(site, **dict.fromkeys(names)).status == InstanceStatus.Complete
    assert site.seen[0].method == "GET"


# --- errors ------------------------------------------------------------------------------------------------


def test_an_error_status_fails_the_step_without_showing_the_body(site: HttpServer) -> None:
    site.replies["/"] = Reply(500, body=b"token=abc")
    instance = call(site)
    assert instance.status == InstanceStatus.Failed
    assert instance.status_message == "Step 'Tested' failed: the server answered 500 Internal Server Error"


@pytest.mark.parametrize(
    ("verb", "status"), [("GET", InstanceStatus.Running), ("POST", InstanceStatus.Failed)]
)
def test_a_busy_server_is_asked_again_where_that_does_no_harm(
    site: HttpServer, verb: str, status: InstanceStatus
) -> None:
    site.replies["/"] = Reply(503)
    instance = call(site, Verb=verb)
    assert instance.status == status
    site.replies["/"] = Reply()
    assert pass_time(instance).status == (InstanceStatus.Complete if verb == "GET" else InstanceStatus.Failed)


def test_the_definition_says_how_often_it_is_tried(site: HttpServer) -> None:
    site.replies["/"] = Reply(503)
    instance = pass_time(call(site, RetryAttempts=1))
    assert instance.status == InstanceStatus.Failed
    assert len(site.seen) == 2
    assert call(site, RetryAttempts=0).status == InstanceStatus.Failed


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("http://127.0.0.1:{port}/missing", "the server answered 404 Not Found"),
        ("http://127.0.0.1:{port}/$(nowhere)", "$(nowhere)"),
        ("http://169.254.169.254/", "OUTBOUND_ALLOW_PRIVATE"),
    ],
)
def test_a_failure_follows_the_output_error(site: HttpServer, url: str, reason: str) -> None:
    parameters = {"URL": url.format(port=site.port)}
    ask = builders.step("RESTRequest", NAME, ConfigurationParameters=parameters, Outputs={"error": "Excuse"})
    never = builders.step("NOOPStep", "Never")
    script = {"ScriptParameters": {"why": "$(Tested_error)"}, "ScriptContent": '{"Excuse": why}'}
    excuse = builders.step("SetVariable", "Excuse", ConfigurationParameters=script)
    instance = builders.run(builders.publish(builders.chain(ask, never, excuse)))
    assert instance.status == InstanceStatus.Complete
    assert reason in instance.data["Excuse"]
    assert [(run.status, run.output) for run in runs_of(instance)] == [(StepRunStatus.Failed, "error")]
    assert not StepRun.objects.filter(instance=instance, step_name="Never").exists()


def test_an_error_status_may_be_an_answer(site: HttpServer) -> None:
    site.replies["/"] = Reply(404, JSON, b'{"found": false}')
    instance = call(site, FailOnStatus=False, DataBucketProperty="Answer")
    assert instance.status == InstanceStatus.Complete
    assert instance.data["Answer"] == {"found": False}


def test_an_address_that_the_settings_do_not_allow_is_refused() -> None:
    instance = run_step("RESTRequest", {"URL": "http://169.254.169.254/latest/meta-data"})
    assert instance.status == InstanceStatus.Failed
    assert "OUTBOUND_ALLOW_PRIVATE" in instance.status_message
    assert len(runs_of(instance)) == 1


def test_a_call_that_takes_too_long_is_given_up() -> None:
    with scripted(lambda peer: drip(peer, b"HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n")) as port:
        url = f"http://127.0.0.1:{port}/"
        instance = run_step("RESTRequest", {"Verb": "POST", "URL": url, "TimeoutSeconds": 1})
    assert instance.status == InstanceStatus.Failed
    assert "in time" in instance.status_message


def unused_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def pass_time(instance: Instance) -> Instance:
    """Make a retry due, and take it."""
    Instance.objects.filter(pk=instance.pk, ready_at__isnull=False).update(ready_at=timezone.now())
    builders.run_until_quiet()
    return builders.reload(instance)


def test_a_server_that_cannot_be_reached_is_tried_three_times() -> None:
    url = f"http://127.0.0.1:{unused_port()}/"
    instance = run_step("RESTRequest", {"Verb": "POST", "URL": url})
    assert instance.status == InstanceStatus.Running
    assert instance.ready_at is not None
    assert instance.ready_at > timezone.now()
    instance = pass_time(pass_time(instance))
    assert instance.status == InstanceStatus.Failed
    runs = runs_of(instance)
    assert [run.status for run in runs] == [
        StepRunStatus.Retried,
        StepRunStatus.Retried,
        StepRunStatus.Failed,
    ]
    assert [run.attempt for run in runs] == [1, 2, 3]
    assert len({run.idempotency_key for run in runs}) == 1


@pytest.mark.parametrize(("verb", "calls"), [("POST", 1), ("PATCH", 1), ("GET", 3), ("PUT", 3)])
def test_what_may_have_arrived_is_repeated_only_where_that_does_no_harm(verb: str, calls: int) -> None:
    heard = []

    def hang_up(peer: socket.socket) -> None:
        heard.append(read_head(peer))

    with scripted(hang_up) as port:
        instance = run_step("RESTRequest", {"Verb": verb, "URL": f"http://127.0.0.1:{port}/"})
        instance = pass_time(pass_time(instance))
    assert instance.status == InstanceStatus.Failed
    assert len(heard) == calls


# --- Basic authentication ----------------------------------------------------------------------------------


def basic(site: HttpServer, path: str = "/", **parameters: Any) -> Instance:
    login: dict[str, Any] = {
        "UseBasicAuth": True,
        "BasicUsername": "robot",
        "BasicPassword": {"SecretValue": PASSWORD},
    }
    return call(site, path, **login, **parameters)


def test_the_login_is_sent(site: HttpServer) -> None:
    site.replies["/"] = Reply()
    assert basic(site).status == InstanceStatus.Complete
    sent = site.seen[0].headers["authorization"].removeprefix("Basic ")
    assert base64.b64decode(sent).decode() == f"robot:{PASSWORD}"


@pytest.mark.parametrize("reply", [Reply(), Reply(401), Reply(302, {"Location": "ftp://elsewhere"})])
def test_the_password_is_seen_nowhere(
    site: HttpServer, reply: Reply, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    site.replies["/"] = reply
    basic(site, DataBucketProperty="Answer")
    stored = "".join(
        serializers.serialize("json", model._base_manager.all())
        for model in apps.get_app_config("workflows").get_models()
    )
    printed = capfd.readouterr()
    pair = base64.b64encode(f"robot:{PASSWORD}".encode()).decode()
    for secret in (PASSWORD, pair, base64.b64encode(PASSWORD.encode()).decode()):
        assert secret not in stored + caplog.text + printed.out + printed.err


# --- saving ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("parameters", "problem"),
    [
        ({}, "URL"),
        ({"URL": "https://$(host)/"}, "$(host)"),
        ({"URL": "$(url)"}, "written out"),
        ({"URL": "https://a.example", "Verb": "BREW"}, "Verb"),
        ({"URL": "https://a.example", "TimeoutSeconds": 0}, "TimeoutSeconds"),
        ({"URL": "https://a.example", "TimeoutSeconds": 121}, "TimeoutSeconds"),
        ({"URL": "https://a.example", "Headers": {"content-type": "a/b"}}, "content-type"),
        ({"URL": "https://a.example", "RequestContent": '{"a": "$(x)'}, "not JSON"),
        ({"URL": "https://a.example", "UseBasicAuth": True}, "BasicUsername"),
        (
            {
                "URL": "https://a.example",
                "UseBasicAuth": True,
                "BasicUsername": "a",
                "Headers": {"Authorization": "Bearer x"},
            },
            "not both",
        ),
        ({"URL": "https://a.example", "BasicPassword": "plain"}, "SecretValue"),
        ({"URL": "ftp://x/"}, "must begin with http:// or https:// and name a host"),
        ({"URL": "no url"}, "must begin with http://"),
        ({"URL": "https://"}, "name a host"),
        ({"URL": "https://me:secret@a.example/"}, "belong in the login"),
        ({"URL": "https://a.example:99999/"}, "port from 1 to 65535"),
        ({"URL": "https://a.example:0/$(x)"}, "port from 1 to 65535"),
        ({"URL": "http://[::1"}, "cannot be read"),
        ({"URL": "https://a b.example/"}, "letters, digits, hyphens"),
        ({"URL": "https://a.example/../$(x)"}, "'..'"),
        ({"URL": "https://a.example", "Headers": {"X Room": "1"}}, "'X Room' cannot be set; use letters"),
        ({"URL": "https://a.example", "Headers": {"Host": "b.example"}}, "leave out those of the connection"),
        ({"URL": "https://a.example", "Headers": {"X-A": ["1", "2\r\nX-B: 3"]}}, "control characters"),
        ({"URL": "https://a.example", "ContentType": "text/plain\r\nX-B: 3"}, "remove them"),
        ({"URL": "https://a.example", "UseBasicAuth": True, "BasicUsername": "a:b"}, "colon"),
    ],
)
def test_what_cannot_work_is_refused_when_saved(parameters: dict[str, Any], problem: str) -> None:
    assert problem in problems_of("RESTRequest", parameters)
