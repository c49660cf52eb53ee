"""HTTP/1.1 calls to servers outside, by guarded connections, under a total deadline and a byte limit.

httpcore2, the part of httpx2 that speaks the protocol, is given connected sockets of `outbound.connect`, one
for each request: redirects are checked like first calls, and no proxy, cookie, netrc or environment variable
plays a part.
"""

from __future__ import annotations

import logging
import ssl
from contextlib import closing
from dataclasses import dataclass, field

import httpcore2
import httpx2

from workflows.connectors.addresses import OutboundPolicy
from workflows.connectors.http_hops import Hop, HttpCall, first_hop, redirected
from workflows.connectors.outbound import Deadline, DeadlineSocket, call_failed, connect, tls_context
from workflows.errors import NotConnected, OutsideCallFailed

__all__ = ["HttpAnswer", "HttpCall", "send"]

# At DEBUG it writes the headers of answers, and those may hold session cookies or tokens.
logging.getLogger("httpcore2").setLevel(logging.INFO)

_WITH_BODY = frozenset({"POST", "PUT", "PATCH"})  # these send `Content-Length: 0` for an empty body
_REDIRECTS = frozenset({301, 302, 303, 307, 308})


@dataclass(frozen=True)
class HttpAnswer:
    """What came back, whatever its status; header names are in lower case."""

    status: int
    headers: tuple[tuple[str, str], ...] = field(repr=False)
    body: bytes = field(repr=False)
    elapsed: float  # seconds

    def header(self, name: str) -> str | None:
        """The first header of that name (lower case)."""
        return next((value for known, value in self.headers if known == name), None)


def send(call: HttpCall, policy: OutboundPolicy) -> HttpAnswer:
    """Sends and follows redirects; any status is an answer.

    Raises InvalidInput (the call makes no sense), AddressRefused (for redirects, too) and OutsideCallFailed,
    which is NotConnected when nothing was sent.
    A retryable failure may have reached the server: whether a repetition does harm is for the caller to know.
    """
    hop = first_hop(call)
    deadline = Deadline(call.timeout)
    hops = 0
    while True:
        answer = _exchange(hop, call.byte_limit, policy, deadline)
        location = answer.header("location")
        if answer.status not in _REDIRECTS or location is None:
            return answer
        if hops == call.redirect_limit:
            hop.fail(f"more than {hops} redirects")
        hop = redirected(hop, answer.status, location)
        hops += 1


def _exchange(hop: Hop, byte_limit: int, policy: OutboundPolicy, deadline: Deadline) -> HttpAnswer:
    at = hop.url
    url = httpcore2.URL(scheme=at.raw_scheme, host=at.raw_host, port=at.port, target=at.raw_path)
    headers = [(header.name, header.value) for header in hop.headers]
    content = hop.body if hop.body or hop.method in _WITH_BODY else None
    try:
        with (
            closing(_dialled(hop, policy, deadline)) as dialled,
            closing(_stream(at, dialled, policy)) as stream,
        ):
            connection = httpcore2.HTTP11Connection(origin=url.origin, stream=stream)
            with connection.stream(hop.method, url, headers=headers, content=content) as response:
                return _answer(hop, response, byte_limit, deadline)
    except OSError as error:
        raise call_failed(str(hop), error) from None
    except httpcore2.ProtocolError:
        hop.fail("the connection was closed, or the answer is no HTTP", retryable=True)


def _dialled(hop: Hop, policy: OutboundPolicy, deadline: Deadline) -> DeadlineSocket:
    port = hop.url.port or (443 if hop.url.scheme == "https" else 80)
    try:
        return connect(hop.url.raw_host.decode(), port, policy=policy, deadline=deadline)
    except OSError as error:
        raise call_failed(str(hop), error, NotConnected if hop.is_first else OutsideCallFailed) from None


def _stream(url: httpx2.URL, dialled: DeadlineSocket, policy: OutboundPolicy) -> _Stream:
    if url.scheme == "http":
        return _Stream(dialled)
    return _Stream(
        tls_context(policy.trusted_pem).wrap_socket(dialled, server_hostname=url.raw_host.decode())
    )


def _answer(hop: Hop, response: httpcore2.Response, byte_limit: int, deadline: Deadline) -> HttpAnswer:
    body = bytearray()
    for chunk in response.iter_stream():
        body += chunk
        if len(body) > byte_limit:
            hop.fail(f"the answer is larger than {byte_limit:,} bytes")
    headers = tuple((name.lower().decode(), _text(value)) for name, value in response.headers)
    answer = HttpAnswer(response.status, headers, bytes(body), deadline.elapsed)
    if body and answer.header("content-encoding") not in (None, "identity"):
        hop.fail("the answer is compressed although that was not accepted")
    return answer


def _text(value: bytes) -> str:
    try:
        return value.decode()
    except UnicodeDecodeError:
        return value.decode("latin-1")


class _Stream(httpcore2.NetworkStream):
    """A guarded socket as httpcore2 wants it; the socket's deadline replaces the timeouts."""

    def __init__(self, connected: DeadlineSocket | ssl.SSLSocket) -> None:
        self._socket = connected

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._socket.recv(max_bytes)

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        try:
            self._socket.sendall(buffer)
        except ConnectionError:
            # A server may answer and close before it has read all: httpcore2 then looks for the answer.
            raise httpcore2.WriteError from None

    def close(self) -> None:
        self._socket.close()
