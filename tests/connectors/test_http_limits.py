"""No server holds a call longer, or fills more, than the policy allows."""

from __future__ import annotations

import gzip
import socket

import pytest

from tests.connectors.http_failures import MARK, failure
from tests.connectors.servers import HttpServer, Reply, drip, read_head, scripted
from workflows.connectors.addresses import OutboundPolicy
from workflows.connectors.http import HttpCall, send

HEAD = b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n"


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
    assert "larger than 100,000 bytes" in str(failed)
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
