"""Where redirects lead, and where neither they nor the first call may lead."""

from __future__ import annotations

import pytest

from tests.connectors.conftest import Resolver
from tests.connectors.http_failures import LOGIN, MARK, failure
from tests.connectors.servers import HttpServer, Reply
from workflows.connectors.addresses import OutboundPolicy
from workflows.connectors.http import HttpCall, send
from workflows.encryption import Secret
from workflows.errors import AddressRefused


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
