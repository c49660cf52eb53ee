"""Calls to AWS that botocore writes and our connections carry, against moto, which verifies signatures."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import replace

import pytest

from tests.connectors import aws_server
from tests.connectors.aws_server import AwsServer, Key
from tests.connectors.servers import HttpServer, Reply
from workflows.connectors import aws
from workflows.connectors.addresses import OutboundPolicy
from workflows.connectors.aws import Account, Line, Returned
from workflows.connectors.outbound import Deadline
from workflows.encryption import Secret
from workflows.errors import AddressRefused, OutsideCallFailed, Throttled

FUNCTION = "/2015-03-31/functions/check/invocations"
ANYBODY = Account(aws_server.REGION, "AKIDEXAMPLE", Secret("kept-very-secret-48"))


@pytest.fixture(scope="module")
def server() -> Iterator[AwsServer]:
    with aws_server.running() as running:
        yield running


@pytest.fixture
def line(loopback: OutboundPolicy) -> Line:
    return Line(loopback, Deadline(30), 100_000)


@pytest.fixture
def site() -> Iterator[HttpServer]:
    with HttpServer().running() as running:
        yield running


def account(key: Key) -> Account:
    return Account(aws_server.REGION, key.access, Secret(key.secret))


def call(server: AwsServer, who: Account, line: Line) -> Returned:
    return aws.invoke(who, line, function="check", payload=b'{"cn": "www"}', endpoint=server.url)


def test_a_function_is_called_by_a_key_that_may(server: AwsServer, line: Line) -> None:
    server.will_return('{"ok": [1]}', "plain words")
    assert call(server, account(server.caller), line) == Returned({"ok": [1]}, "")
    assert call(server, account(server.caller), line).content == "plain words"


def test_a_wrong_secret_is_refused_by_its_signature(server: AwsServer, line: Line) -> None:
    wrong = replace(account(server.caller), secret_key=Secret("guessed"))
    with pytest.raises(OutsideCallFailed, match=r"^AWS answered 403") as caught:
        call(server, wrong, line)
    assert not caught.value.retryable


def test_a_role_that_may_calls_for_a_key_that_may_not(server: AwsServer, line: Line) -> None:
    who = account(server.assumer)
    with pytest.raises(OutsideCallFailed, match="AWS answered 403"):
        call(server, who, line)
    assumed = aws.assume_role(
        who, line, role=server.role, external_id="e x", session="a-session", endpoint=server.url
    )
    server.will_return("1")
    assert call(server, assumed, line).content == 1
    assert "secret_key" not in repr(assumed)


def test_the_environment_plays_no_part(
    server: AwsServer, line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in {
        "AWS_ACCESS_KEY_ID": "another",
        "AWS_SECRET_ACCESS_KEY": "another",
        "AWS_PROFILE": "nobody",
        "AWS_ENDPOINT_URL": "http://127.0.0.1:1",
        "AWS_CA_BUNDLE": "/nowhere",
        "HTTP_PROXY": "http://127.0.0.1:1",
    }.items():
        monkeypatch.setenv(name, value)
    server.will_return("2")
    assert call(server, account(server.caller), line).content == 2


def test_no_secret_is_logged(server: AwsServer, line: Line, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        who = aws.assume_role(
            account(server.assumer),
            line,
            role=server.role,
            external_id="",
            session="a-session",
            endpoint=server.url,
        )
    assert who.session_token is not None
    for secret in (server.assumer.secret, who.secret_key.reveal(), who.session_token.reveal()):
        assert secret not in caplog.text


def test_addresses_that_are_not_allowed_are_not_called() -> None:
    closed = Line(OutboundPolicy(), Deadline(30), 1000)
    with pytest.raises(AddressRefused):
        aws.invoke(ANYBODY, closed, function="check", payload=b"{}", endpoint="http://127.0.0.1:9")


def test_a_function_that_fails_says_so(site: HttpServer, line: Line) -> None:
    site.replies[FUNCTION] = Reply(200, {"X-Amz-Function-Error": "Unhandled"}, b'{"errorMessage": "no host"}')
    answer = aws.invoke(ANYBODY, line, function="check", payload=b"{}", endpoint=site_url(site))
    assert answer == Returned({"errorMessage": "no host"}, "Unhandled")


@pytest.mark.parametrize(
    ("reply", "reason", "retryable"),
    [
        (
            Reply(404, {"x-amzn-errortype": "ResourceNotFoundException"}),
            "404 (ResourceNotFoundException)",
            False,
        ),
        (Reply(400, {}, b'{"__type": "<b>not a code</b>"}'), "400", False),
        (Reply(503), "503", True),
    ],
)
def test_a_refusal_is_told_by_its_status_and_code(
    site: HttpServer, line: Line, reply: Reply, reason: str, retryable: bool
) -> None:
    site.replies[FUNCTION] = reply
    with pytest.raises(OutsideCallFailed) as caught:
        aws.invoke(ANYBODY, line, function="check", payload=b"{}", endpoint=site_url(site))
    assert str(caught.value).startswith(f"AWS answered {reason}")
    assert "<b>" not in str(caught.value)
    assert caught.value.retryable is retryable
    assert len(site.seen) == 1


def test_one_that_asks_to_wait_has_done_nothing(site: HttpServer, line: Line) -> None:
    site.replies[FUNCTION] = Reply(
        429, {"Retry-After": "40"}, b'{"Reason": "ReservedFunctionConcurrentLimit"}'
    )
    with pytest.raises(Throttled) as caught:
        aws.invoke(ANYBODY, line, function="check", payload=b"{}", endpoint=site_url(site))
    assert caught.value.seconds == 40


@pytest.mark.parametrize("body", [b"<html>hello</html>", b"<AssumeRoleResponse/>"])
def test_an_answer_of_sts_without_credentials_gives_none(site: HttpServer, line: Line, body: bytes) -> None:
    site.replies["/"] = Reply(200, {}, body)
    with pytest.raises(OutsideCallFailed):
        aws.assume_role(
            ANYBODY,
            line,
            role="arn:aws:iam::123456789012:role/Caller",
            external_id="",
            session="a-session",
            endpoint=site_url(site),
        )


def test_an_answer_that_is_too_long_is_given_up(site: HttpServer, loopback: OutboundPolicy) -> None:
    site.replies[FUNCTION] = Reply(body=b"1" * 2000)
    with pytest.raises(OutsideCallFailed, match="larger than 1,000 bytes"):
        aws.invoke(
            ANYBODY,
            Line(loopback, Deadline(30), 1000),
            function="check",
            payload=b"{}",
            endpoint=site_url(site),
        )


def site_url(site: HttpServer) -> str:
    return f"http://127.0.0.1:{site.port}"
