"""HTTP calls: what arrives, what comes back, and what is refused before anything is sent."""

from __future__ import annotations

import logging
import socket
from pathlib import Path

import pytest

from tests.connectors.http_failures import LOGIN, MARK, failure
from tests.connectors.servers import HttpServer, Reply, read_head, scripted
from workflows.connectors.addresses import OutboundPolicy
from workflows.connectors.http import HttpAnswer, HttpCall, send
from workflows.connectors.outbound import Login
from workflows.encryption import Secret
from workflows.errors import InvalidInput, NotConnected

HEAD = b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n"


def test_a_call_arrives_as_written(site: HttpServer, loopback: OutboundPolicy) -> None:
    site.replies["/a?b=c%20d"] = Reply(201, {"X-Reply": "Größe".encode().decode("latin-1")}, b"\xff\x00")
    headers = (("Content-Type", "application/json"), ("X-Name", " Größe "), ("X-Many", "1"), ("X-Many", "2"))
    call = HttpCall(f"http://127.0.0.1:{site.port}/a?b=c d#part", "POST", headers, b'{"k": 1}')
    answer = send(call, loopback)
    assert (answer.status, answer.body, answer.header("x-reply")) == (201, b"\xff\x00", "Größe")
    [seen] = site.seen
    assert (seen.method, seen.path, seen.body) == ("POST", "/a?b=c%20d", b'{"k": 1}')
    assert seen.headers["x-name"].encode("latin-1").decode() == "Größe"
    assert seen.headers["host"] == f"127.0.0.1:{site.port}"
    assert (seen.headers["content-type"], seen.headers["user-agent"]) == ("application/json", "Countersign")


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"])
def test_every_method(method: str, site: HttpServer, loopback: OutboundPolicy) -> None:
    answer = send(HttpCall(f"http://127.0.0.1:{site.port}/", method), loopback)
    assert (answer.status, answer.body) == (200, b"" if method == "HEAD" else b"done")
    assert site.seen[0].method == method
    assert ("content-length" in site.seen[0].headers) is (method in {"POST", "PUT", "PATCH"})


@pytest.mark.parametrize("status", [204, 304, 400, 404, 500, 503])
def test_any_status_is_an_answer(status: int, site: HttpServer, loopback: OutboundPolicy) -> None:
    site.replies["/"] = Reply(status, body=b"")
    assert send(HttpCall(f"http://127.0.0.1:{site.port}/"), loopback).status == status


def test_login_and_secret_headers_arrive(site: HttpServer, loopback: OutboundPolicy) -> None:
    headers = (("X-Functions-Key", Secret(MARK)),)
    send(
        HttpCall(f"http://127.0.0.1:{site.port}/", headers=headers, login=Login("jö", Secret("pä"))), loopback
    )
    assert site.seen[0].headers["authorization"] == "Basic asO2OnDDpA=="
    assert site.seen[0].headers["x-functions-key"] == MARK


def test_a_connection_kept_open_is_not_waited_for(loopback: OutboundPolicy) -> None:
    def answer_and_stay(connection: socket.socket) -> None:
        read_head(connection)
        connection.sendall(b"HTTP/1.1 200 OK\r\nConnection: keep-alive\r\nContent-Length: 2\r\n\r\nok")
        connection.recv(1)

    with scripted(answer_and_stay) as port:
        assert send(HttpCall(f"http://127.0.0.1:{port}/"), loopback).body == b"ok"


def test_chunks_interim_answers_and_closed_ends_are_understood(loopback: OutboundPolicy) -> None:
    def chunked(connection: socket.socket) -> None:
        read_head(connection)
        connection.sendall(
            b"HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
        )
        connection.sendall(b"2\r\nok\r\n0\r\n\r\n")

    def closed(connection: socket.socket) -> None:
        read_head(connection)
        connection.sendall(b"HTTP/1.0 200 OK\r\n\r\nok")

    for script in (chunked, closed):
        with scripted(script) as port:
            assert send(HttpCall(f"http://127.0.0.1:{port}/"), loopback).body == b"ok"


def test_an_answer_before_the_whole_body_is_read(loopback: OutboundPolicy) -> None:
    def refuse(connection: socket.socket) -> None:
        read_head(connection)
        connection.sendall(b"HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\n\r\n")
        connection.shutdown(socket.SHUT_WR)
        while connection.recv(65536):
            pass

    with scripted(refuse) as port:
        call = HttpCall(f"http://127.0.0.1:{port}/", "POST", body=b"x" * 5_000_000)
        assert send(call, loopback).status == 413


def test_the_environment_plays_no_part(
    site: HttpServer, loopback: OutboundPolicy, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text(f"machine 127.0.0.1 login user password {MARK}")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    send(HttpCall(f"http://127.0.0.1:{site.port}/"), loopback)
    assert "authorization" not in site.seen[0].headers


@pytest.mark.parametrize("said", [b"", b"220 mail.example ESMTP\r\n", HEAD + b"short", b"\0\xff" * 100])
def test_broken_answers_may_be_tried_again(said: bytes, loopback: OutboundPolicy) -> None:
    def broken(connection: socket.socket) -> None:
        read_head(connection)
        connection.sendall(said)

    with scripted(broken) as port:
        assert failure(HttpCall(f"http://127.0.0.1:{port}/{MARK}", login=LOGIN), loopback).retryable


def test_a_closed_port_may_be_tried_again(loopback: OutboundPolicy) -> None:
    with scripted(lambda connection: None) as port:
        pass
    failed = failure(HttpCall(f"http://127.0.0.1:{port}/", login=LOGIN), loopback)
    assert isinstance(failed, NotConnected)
    assert failed.retryable
    assert "refused" in str(failed)


def test_a_redirect_to_a_closed_port_comes_after_a_request(
    site: HttpServer, loopback: OutboundPolicy
) -> None:
    site.replies["/"] = Reply(307, {"Location": "http://127.0.0.1:1/"})
    assert not isinstance(failure(HttpCall(f"http://127.0.0.1:{site.port}/"), loopback), NotConnected)


def test_an_unknown_name_is_said(loopback: OutboundPolicy) -> None:
    assert "could not be resolved" in str(failure(HttpCall("http://nowhere.invalid/"), loopback))


@pytest.mark.parametrize(
    "call",
    [
        HttpCall("http://127.0.0.1/", "CONNECT"),
        HttpCall("http://127.0.0.1/", "get"),
        HttpCall("http://127.0.0.1/", "GET / HTTP/1.1\r\nX: y"),
        HttpCall(f"ftp://127.0.0.1/{MARK}"),
        HttpCall(f"/{MARK}"),
        HttpCall(""),
        HttpCall("http:///path"),
        HttpCall(f"http://user:{MARK}@127.0.0.1/"),
        HttpCall(f"http://127.0.0.1/{MARK}\r\nX: y"),
        HttpCall(f"http://127.0.0.1:99999999/{MARK}"),
        HttpCall(f"http://[::bad/{MARK}"),
        HttpCall(f"http://127.0.0.1/{MARK}\ud800"),
        HttpCall("http://127.0.0.1/", headers=(("X-Key", Secret(f"{MARK}\r\nX: y")),)),
        HttpCall("http://127.0.0.1/", headers=(("X-Key", f"{MARK}\0"),)),
        HttpCall("http://127.0.0.1/", headers=(("X-Key", f"{MARK}\ud800"),)),
        HttpCall("http://127.0.0.1/", headers=(("X Key", MARK),)),
        HttpCall("http://127.0.0.1/", headers=(("X-Key:", MARK),)),
        HttpCall("http://127.0.0.1/", headers=(("Größe", MARK),)),
        HttpCall("http://127.0.0.1/", headers=(("", MARK),)),
        HttpCall("http://127.0.0.1/", headers=(("Host", MARK),)),
        HttpCall("http://127.0.0.1/", headers=(("content-length", "5"),)),
        HttpCall("http://127.0.0.1/", headers=(("Transfer-Encoding", "chunked"),)),
        HttpCall("http://127.0.0.1/", headers=(("Authorization", MARK),), login=LOGIN),
        HttpCall("http://127.0.0.1/", login=Login("a:b", Secret(MARK))),
    ],
)
def test_a_call_that_makes_no_sense_is_refused(call: HttpCall, loopback: OutboundPolicy) -> None:
    with pytest.raises(InvalidInput) as caught:
        send(call, loopback)
    assert MARK not in str(caught.value)


def test_neither_calls_nor_answers_show_what_they_hold() -> None:
    call = HttpCall(f"http://h/{MARK}", headers=(("X-Key", MARK),), body=MARK.encode(), login=LOGIN)
    answer = HttpAnswer(200, (("set-cookie", MARK),), MARK.encode(), 0.1)
    assert MARK not in repr(call) + repr(answer)


def test_logs_hold_no_secret(
    site: HttpServer, loopback: OutboundPolicy, caplog: pytest.LogCaptureFixture
) -> None:
    site.replies |= {
        f"/?{MARK}": Reply(302, {"Location": f"/{MARK}", "Set-Cookie": MARK}),
        f"/{MARK}": Reply(),
    }
    with caplog.at_level(logging.DEBUG):
        call = HttpCall(f"http://127.0.0.1:{site.port}/?{MARK}", headers=(("X-Key", MARK),), login=LOGIN)
        assert send(call, loopback).status == 200
    assert MARK not in caplog.text
