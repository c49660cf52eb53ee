from __future__ import annotations

import gzip
import logging
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.connectors.certificates import Authority
from tests.connectors.conftest import Resolver
from tests.connectors.servers import HttpServer, Reply, drip, read_head, scripted
from workflows.connectors.addresses import OutboundPolicy
from workflows.connectors.http import HttpAnswer, HttpCall, send
from workflows.connectors.outbound import Login
from workflows.encryption import Secret
from workflows.errors import AddressRefused, InvalidInput, NotConnected, OutsideCallFailed

MARK = "marked-secret"
LOGIN = Login("user", Secret(MARK))
HEAD = b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n"


@pytest.fixture
def site() -> Iterator[HttpServer]:
    with HttpServer({"/": Reply()}).running() as server:
        yield server


def failure(call: HttpCall, policy: OutboundPolicy) -> OutsideCallFailed:
    with pytest.raises(OutsideCallFailed) as caught:
        send(call, policy)
    assert MARK not in str(caught.value)
    return caught.value


# --- answers -----------------------------------------------------------------------------------------------


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


# --- addresses ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "localhost", "2130706433", "0x7f.1", "[::1]", "[::ffff:7f00:1]"]
)
def test_loopback_is_refused_without_permission(host: str, site: HttpServer) -> None:
    with pytest.raises(AddressRefused):
        send(HttpCall(f"http://{host}:{site.port}/"), OutboundPolicy())
    assert site.seen == []


@pytest.mark.parametrize("target", ["127.0.0.2", "169.254.169.254", "[::1]", "0"])
def test_a_redirect_to_another_address_is_checked_again(
    target: str, site: HttpServer, loopback: OutboundPolicy
) -> None:
    site.replies["/"] = Reply(302, {"Location": f"http://{target}:{site.port}/inside"})
    with pytest.raises(AddressRefused):
        send(HttpCall(f"http://127.0.0.1:{site.port}/"), loopback)
    assert [seen.path for seen in site.seen] == ["/"]


def test_a_name_that_moves_inside_between_redirects_is_refused(
    site: HttpServer, loopback: OutboundPolicy, resolver: Resolver
) -> None:
    names = {"rebind.example": [("127.0.0.1", 0)]}
    asked = resolver(names)
    site.replies["/"] = Reply(302, {"Location": "/again"})
    url = f"http://rebind.example:{site.port}/"
    assert send(HttpCall(url), loopback).status == 404
    assert asked == ["rebind.example"] * 2
    asked.clear()
    names["rebind.example"] = [("127.0.0.1", 0), ("10.0.0.1", 0)]
    with pytest.raises(AddressRefused):
        send(HttpCall(url), loopback)
    assert asked == ["rebind.example"]


# --- redirects ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "method", "then"),
    [
        (301, "POST", "GET"),
        (302, "POST", "GET"),
        (303, "POST", "GET"),
        (303, "PUT", "GET"),
        (301, "PUT", "PUT"),
        (307, "POST", "POST"),
        (308, "PATCH", "PATCH"),
        (303, "HEAD", "HEAD"),
    ],
)
def test_redirects_keep_or_change_the_method(
    status: int, method: str, then: str, site: HttpServer, loopback: OutboundPolicy
) -> None:
    site.replies |= {"/from/": Reply(status, {"Location": "../to"}), "/to": Reply()}
    call = HttpCall(f"http://127.0.0.1:{site.port}/from/", method, (("Content-Type", "text/plain"),), b"data")
    assert send(call, loopback).status == 200
    seen = site.seen[1]
    assert (seen.method, seen.path, seen.body) == (then, "/to", b"data" if then == method else b"")
    assert ("content-type" in seen.headers) is (then == method)


def test_credentials_stay_with_their_origin(site: HttpServer, loopback: OutboundPolicy) -> None:
    headers = (("Cookie", MARK), ("X-Key", Secret(MARK)), ("X-Plain", "kept"))
    with HttpServer({"/": Reply()}).running() as other:
        site.replies |= {
            "/": Reply(307, {"Location": "/same"}),
            "/same": Reply(307, {"Location": f"//127.0.0.1:{other.port}/"}),
        }
        assert (
            send(HttpCall(f"http://127.0.0.1:{site.port}/", headers=headers, login=LOGIN), loopback).status
            == 200
        )
    secret = {"authorization", "cookie", "x-key"}
    assert [secret & set(seen.headers) for seen in site.seen] == [secret, secret]
    assert secret & set(other.seen[0].headers) == set()
    assert other.seen[0].headers["x-plain"] == "kept"
    assert other.seen[0].headers["host"] == f"127.0.0.1:{other.port}"


def test_too_many_redirects(site: HttpServer, loopback: OutboundPolicy) -> None:
    site.replies["/"] = Reply(302, {"Location": "/"})
    for limit in (0, 3):
        site.seen.clear()
        failed = failure(HttpCall(f"http://127.0.0.1:{site.port}/", redirect_limit=limit), loopback)
        assert f"more than {limit} redirects" in str(failed)
        assert not failed.retryable
        assert len(site.seen) == limit + 1


def test_a_redirect_without_location_is_an_answer(site: HttpServer, loopback: OutboundPolicy) -> None:
    site.replies["/"] = Reply(302)
    assert send(HttpCall(f"http://127.0.0.1:{site.port}/"), loopback).status == 302


@pytest.mark.parametrize(
    ("location", "hint"),
    [
        ("file:///etc/passwd", "must begin with http"),
        ("gopher://127.0.0.1/", "must begin with http"),
        (f"http://user:{MARK}@127.0.0.1/", "must not hold a user name"),
        ("http://[::bad/", "cannot be read"),
    ],
)
def test_bad_redirects_are_named(
    location: str, hint: str, site: HttpServer, loopback: OutboundPolicy
) -> None:
    site.replies["/"] = Reply(302, {"Location": location})
    failed = failure(HttpCall(f"http://127.0.0.1:{site.port}/"), loopback)
    assert hint in str(failed)
    assert not failed.retryable


# --- limits ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("head", [b"", b"HTTP/1.1 200 OK\r\nX-Slow: ", HEAD, HEAD.replace(b"200", b"302")])
def test_a_slow_answer_meets_the_deadline(head: bytes, loopback: OutboundPolicy) -> None:
    def slow(connection: socket.socket) -> None:
        read_head(connection)
        drip(connection, head)

    with scripted(slow) as port:
        failed = failure(HttpCall(f"http://127.0.0.1:{port}/?{MARK}", timeout=0.5), loopback)
    assert str(failed) == f"GET to http://127.0.0.1:{port} failed: there was no complete answer in time."
    assert failed.retryable


def test_redirects_do_not_extend_the_deadline(loopback: OutboundPolicy) -> None:
    def slow_loop(connection: socket.socket) -> None:
        read_head(connection)
        connection.sendall(b"HTTP/1.1 302 Found\r\nLocation: /\r\nContent-Length: 0\r\n")
        drip(connection, drop=b"X-Slow: 1\r\n" * 3 + b"\r\n")

    with scripted(slow_loop) as port:
        failed = failure(HttpCall(f"http://127.0.0.1:{port}/", timeout=0.7, redirect_limit=1000), loopback)
    assert "in time" in str(failed)


def test_a_server_that_does_not_read_meets_the_deadline(loopback: OutboundPolicy) -> None:
    with scripted(drip) as port:
        call = HttpCall(f"http://127.0.0.1:{port}/", "POST", body=b"x" * 50_000_000, timeout=0.5)
        assert "in time" in str(failure(call, loopback))


@pytest.mark.parametrize(
    "head", [b"Content-Length: 99999999999\r\n", b"Transfer-Encoding: chunked\r\n", b"Connection: close\r\n"]
)
def test_a_huge_answer_ends_at_the_byte_limit(head: bytes, loopback: OutboundPolicy) -> None:
    def endless(connection: socket.socket) -> None:
        read_head(connection)
        connection.sendall(b"HTTP/1.1 200 OK\r\n" + head + b"\r\n")
        while True:
            connection.sendall(b"4000\r\n" + b"x" * 0x4000 + b"\r\n")

    with scripted(endless) as port:
        failed = failure(HttpCall(f"http://127.0.0.1:{port}/", byte_limit=100_000), loopback)
    assert "larger than 100000 bytes" in str(failed)
    assert not failed.retryable


def test_endless_headers_end(loopback: OutboundPolicy) -> None:
    def endless(connection: socket.socket) -> None:
        read_head(connection)
        connection.sendall(b"HTTP/1.1 200 OK\r\n")
        while True:
            connection.sendall(b"X-More: " + b"x" * 10_000 + b"\r\n")

    with scripted(endless) as port:
        assert "no HTTP" in str(failure(HttpCall(f"http://127.0.0.1:{port}/"), loopback))


def test_a_body_of_exactly_the_limit_is_taken(site: HttpServer, loopback: OutboundPolicy) -> None:
    site.replies["/"] = Reply(body=b"x" * 100)
    call = HttpCall(f"http://127.0.0.1:{site.port}/", byte_limit=100)
    assert len(send(call, loopback).body) == 100


def test_a_compressed_answer_is_refused(site: HttpServer, loopback: OutboundPolicy) -> None:
    site.replies["/"] = Reply(headers={"Content-Encoding": "gzip"}, body=gzip.compress(b"0" * 10_000_000))
    assert "compressed" in str(failure(HttpCall(f"http://127.0.0.1:{site.port}/"), loopback))
    assert site.seen[0].headers["accept-encoding"] == "identity"


# --- broken counterparts -----------------------------------------------------------------------------------


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


# --- TLS ---------------------------------------------------------------------------------------------------


def test_tls_uses_the_original_name(
    authority: Authority, loopback: OutboundPolicy, resolver: Resolver
) -> None:
    resolver({"api.example": [("127.0.0.1", 0)]})
    with HttpServer({"/": Reply()}).running(tls=authority.server("api.example")) as site:
        assert send(HttpCall(f"https://api.example:{site.port}/"), loopback).body == b"done"
    assert site.server_names == ["api.example"]
    assert site.seen[0].headers["host"] == f"api.example:{site.port}"


@pytest.mark.parametrize(
    ("name", "expired", "hint"),
    [("api.example", False, "mismatch"), ("127.0.0.1", True, "expired")],
)
def test_bad_certificates_are_named(
    name: str, expired: bool, hint: str, authority: Authority, loopback: OutboundPolicy
) -> None:
    with HttpServer().running(tls=authority.server(name, expired=expired)) as site:
        failed = failure(HttpCall(f"https://127.0.0.1:{site.port}/", login=LOGIN), loopback)
    assert "the certificate is not trusted" in str(failed)
    assert hint in str(failed)
    assert not failed.retryable
    assert site.seen == []


def test_an_unknown_authority_is_not_trusted(authority: Authority) -> None:
    with HttpServer().running(tls=authority.server("127.0.0.1")) as site:
        failed = failure(HttpCall(f"https://127.0.0.1:{site.port}/"), OutboundPolicy.of(["127.0.0.1"]))
    assert "the certificate is not trusted" in str(failed)


def test_https_at_a_plain_server_is_no_secure_connection(site: HttpServer, loopback: OutboundPolicy) -> None:
    failed = failure(HttpCall(f"https://127.0.0.1:{site.port}/", login=LOGIN), loopback)
    assert "no secure connection" in str(failed)
    assert not failed.retryable


def test_redirects_may_lead_to_https_but_not_back(
    authority: Authority, site: HttpServer, loopback: OutboundPolicy
) -> None:
    with HttpServer({"/": Reply()}).running(tls=authority.server("127.0.0.1")) as secure:
        site.replies["/"] = Reply(302, {"Location": f"https://127.0.0.1:{secure.port}/"})
        assert send(HttpCall(f"http://127.0.0.1:{site.port}/"), loopback).status == 200
        secure.replies["/"] = Reply(302, {"Location": f"http://127.0.0.1:{site.port}/"})
        failed = failure(HttpCall(f"https://127.0.0.1:{secure.port}/"), loopback)
    assert "from https to http" in str(failed)
    assert len(site.seen) == 1


# --- bad calls and secrets ---------------------------------------------------------------------------------


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
