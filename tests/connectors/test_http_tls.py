"""TLS: whose certificate is taken, and for which name."""

from __future__ import annotations

import pytest

from tests.connectors.certificates import Authority
from tests.connectors.conftest import Resolver
from tests.connectors.http_failures import LOGIN, failure
from tests.connectors.servers import HttpServer, Reply
from workflows.connectors.addresses import OutboundPolicy
from workflows.connectors.http import HttpCall, send


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
