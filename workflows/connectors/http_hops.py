"""The requests of one HTTP call: the first, checked and with its headers, and those that redirects ask for.

URLs are httpx2's (RFC 3986, IDNA 2008). Errors name the origin or the header, never a value, path or query:
they may hold tokens.
"""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass, field, replace
from typing import NoReturn

import httpx2

from workflows.connectors.outbound import Login
from workflows.encryption import Secret
from workflows.errors import InvalidInput, OutsideCallFailed

METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_HEADER_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")  # RFC 9110, 5.6.2
_HEADER_VALUE = re.compile(r"[\t\x20-\x7e\xa0-\ud7ff\ue000-\U0010ffff]*")
_HOST = re.compile(r"(?=.{1,254}$)[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*\.?")
HIGHEST_PORT = 65535
_CREDENTIALS = frozenset({b"authorization", b"cookie"})
_RESERVED = frozenset(  # the connection is not the caller's
    b"accept-encoding connection content-length expect host te trailer transfer-encoding upgrade".split()
)


@dataclass(frozen=True)
class HttpCall:
    """What to send; secret header values and the login never follow a redirect to another origin."""

    url: str = field(repr=False)  # its path or query may hold a token
    method: str = "GET"
    headers: tuple[tuple[str, str | Secret[str]], ...] = field(default=(), repr=False)
    body: bytes = field(default=b"", repr=False)
    login: Login | None = None  # Basic authentication, RFC 7617
    timeout: float = 30.0  # seconds for everything: names, connections, redirects, the last byte
    byte_limit: int = 1_000_000  # of each answer's body
    redirect_limit: int = 5


@dataclass(frozen=True)
class Header:
    name: bytes  # lower case
    value: bytes = field(repr=False)
    stays: bool = False  # with its origin


@dataclass(frozen=True)
class Hop:
    """One request on the way to the answer."""

    method: str
    url: httpx2.URL = field(repr=False)
    headers: tuple[Header, ...]
    body: bytes = field(repr=False)
    is_first: bool = True

    def __str__(self) -> str:
        return f"{self.method} to {self.url.scheme}://{self.url.netloc.decode()}"

    def fail(self, reason: str, *, retryable: bool = False) -> NoReturn:
        raise OutsideCallFailed(f"{self} failed: {reason}.", retryable=retryable) from None


def first_hop(call: HttpCall) -> Hop:
    if call.method not in METHODS:
        raise InvalidInput(f"The HTTP method must be one of {', '.join(sorted(METHODS))}.")
    try:
        url = httpx2.URL(call.url)
    except (httpx2.InvalidURL, ValueError):
        raise InvalidInput("The URL cannot be read.") from None
    if fault := _fault(url):
        raise InvalidInput(f"The URL {fault}.")
    return Hop(call.method, url, _headers(call), call.body)


def _fault(url: httpx2.URL) -> str | None:
    if url.scheme not in ("http", "https") or not url.host:
        return "must begin with http:// or https:// and name a host"
    if url.userinfo:
        return "must not hold a user name or password, which belong in the login"
    if not _HOST.fullmatch(host := url.raw_host.decode()) and ":" not in host:
        return "must name a host of letters, digits, hyphens and dots"
    if url.port is not None and not 1 <= url.port <= HIGHEST_PORT:
        return f"must name a port from 1 to {HIGHEST_PORT}, or none"
    return None


def _headers(call: HttpCall) -> tuple[Header, ...]:
    given = [_header(name, value) for name, value in call.headers]
    if call.login:
        given.append(Header(b"authorization", _basic(call.login), stays=True))
    names = [header.name for header in given]
    if names.count(b"authorization") > 1:
        raise InvalidInput("A call takes one login or one Authorization header.")
    if b"user-agent" not in names:
        given.append(Header(b"user-agent", b"Countersign"))
    # No compression: a small answer could unpack to a huge one.
    return (*given, Header(b"accept-encoding", b"identity"), Header(b"connection", b"close"))


def _header(name: str, value: str | Secret[str]) -> Header:
    shown = value.reveal() if isinstance(value, Secret) else value
    if not _HEADER_NAME.fullmatch(name) or name.lower().encode() in _RESERVED:
        raise InvalidInput(
            f"The header {name!r} cannot be set; use letters, digits and hyphens, and leave out those of the "
            "connection, such as Host."
        )
    if not _HEADER_VALUE.fullmatch(shown):
        raise InvalidInput(f"The value of the header {name!r} holds control characters; remove them.")
    known = name.lower().encode()
    return Header(known, shown.strip(" \t").encode(), isinstance(value, Secret) or known in _CREDENTIALS)


def _basic(login: Login) -> bytes:
    if ":" in login.username:
        raise InvalidInput("A user name for Basic authentication must not hold a colon.")
    pair = f"{login.username}:{login.password.reveal()}"
    return b"Basic " + base64.b64encode(pair.encode("utf-8", "replace"))


def redirected(hop: Hop, status: int, location: str) -> Hop:
    """What a redirect asks for: GET after 303, and in place of POST after 301 and 302 (RFC 9110, 15.4)."""
    try:
        url = hop.url.join(location)
    except (httpx2.InvalidURL, ValueError):
        hop.fail("the redirect's URL cannot be read")
    if fault := _fault(url):
        hop.fail(f"the redirect's URL {fault}")
    if hop.url.scheme == "https" and url.scheme == "http":
        hop.fail("the redirect leads from https to http")
    headers = tuple(header for header in hop.headers if not header.stays or url.origin == hop.url.origin)
    if (status == 303 and hop.method != "HEAD") or (status in (301, 302) and hop.method == "POST"):
        headers = tuple(header for header in headers if not header.name.startswith(b"content-"))
        return Hop("GET", url, headers, b"", is_first=False)
    return replace(hop, url=url, headers=headers, is_first=False)
