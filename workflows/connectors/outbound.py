"""The one way out: `connect` resolves a name once, checks every address and connects to a checked one.

Sockets from here carry a total deadline: each read and write may use what is left of it, so a peer that sends
a byte now and then cannot hold a worker. TLS over them, by `tls_context`, keeps the deadline.
"""

from __future__ import annotations

import ipaddress
import socket
import ssl
import threading
import time
from concurrent.futures import Future
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Any, cast

from workflows.connectors.addresses import OutboundPolicy
from workflows.encryption import Secret
from workflows.errors import AddressRefused, OutsideCallFailed

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer, WriteableBuffer

# Family and socket address of one answer of the resolver.
_Found = tuple[socket.AddressFamily, Any]


@dataclass(frozen=True)
class Login:
    """Name and password at a server outside."""

    username: str
    password: Secret[str]


@dataclass(frozen=True)
class Deadline:
    """The end of everything that one call may take."""

    seconds: float
    started: float = field(default_factory=time.monotonic)

    @property
    def elapsed(self) -> float:
        return time.monotonic() - self.started

    def left(self) -> float:
        """Seconds left, more than 0; raises TimeoutError when there are none."""
        left = self.seconds - self.elapsed
        if left <= 0:
            raise TimeoutError
        return left


class DeadlineSocket(socket.socket):
    """A connected socket whose reads and writes share one deadline."""

    deadline: Deadline | None = None  # None until the connection, or TLS over it, stands

    def limit(self) -> None:
        """Lets the next operation take what is left; raises TimeoutError when that is nothing."""
        if self.deadline is not None:
            self.settimeout(self.deadline.left())

    def recv(self, buflen: int = 1024, flags: int = 0) -> bytes:
        self.limit()
        return super().recv(buflen, flags)

    def recv_into(self, buffer: WriteableBuffer, nbytes: int | None = None, flags: int = 0) -> int:
        self.limit()
        return super().recv_into(buffer, nbytes or memoryview(buffer).nbytes, flags)

    def send(self, data: ReadableBuffer, flags: int = 0) -> int:
        self.limit()
        return super().send(data, flags)

    def sendall(self, data: ReadableBuffer, flags: int = 0) -> None:
        self.limit()
        super().sendall(data, flags)


class _DeadlineTlsSocket(DeadlineSocket, ssl.SSLSocket):
    """The same over TLS."""


class _TlsContext(ssl.SSLContext):
    sslsocket_class = _DeadlineTlsSocket

    def wrap_socket(self, sock: socket.socket, *args: Any, **kwargs: Any) -> ssl.SSLSocket:
        """TLS over a socket of `connect`; the handshake, too, ends with the socket's deadline."""
        if not isinstance(sock, DeadlineSocket):
            raise TypeError("TLS outward goes over a socket of `connect`.")
        sock.limit()
        wrapped = cast("_DeadlineTlsSocket", super().wrap_socket(sock, *args, **kwargs))
        wrapped.deadline = sock.deadline
        return wrapped


@lru_cache(maxsize=8)
def tls_context(trusted_pem: str) -> ssl.SSLContext:
    """TLS 1.2 or later that verifies name and chain, by the system's authorities and these."""
    context = _TlsContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.load_default_certs()
    if trusted_pem:
        context.load_verify_locations(cadata=trusted_pem)
    return context


def connect(host: str, port: int, *, policy: OutboundPolicy, deadline: Deadline) -> DeadlineSocket:
    """A TCP connection to `host`, which the policy must permit at every address that it resolves to.

    Raises AddressRefused, and OSError (TimeoutError at the deadline) when nothing answers.
    """
    found = _resolve(host, port, deadline)
    for _, address in found:
        # A scope such as `%eth0` names an interface, not an address.
        if not policy.permits(host, ipaddress.ip_address(address[0].partition("%")[0])):
            raise AddressRefused(
                f"{host} is at an address that is not public; an administrator may add its network or name "
                "to OUTBOUND_ALLOW_PRIVATE."
            )
    return _dial_first(found, deadline)


def _resolve(host: str, port: int, deadline: Deadline) -> list[_Found]:
    """All addresses of `host`; asked in a thread, because a resolver cannot be told when to give up."""
    # A resolver written in C stops at NUL, the check of a name does not.
    if not host or not host.isprintable() or not 0 < port < 65536:
        raise AddressRefused("A connection needs a host name or address and a port from 1 to 65535.")
    answer: Future[list[_Found]] = Future()
    threading.Thread(target=_ask_resolver, args=(host, port, answer), daemon=True).start()
    try:
        return answer.result(deadline.left())
    except ValueError:  # a label too long
        raise AddressRefused("This is not a host name.") from None


def _ask_resolver(host: str, port: int, answer: Future[list[_Found]]) -> None:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        answer.set_result([(family, address) for family, _, _, _, address in found])
    except (OSError, ValueError) as error:
        answer.set_exception(error)


def _dial_first(found: list[_Found], deadline: Deadline) -> DeadlineSocket:
    """The first address that answers; a silent one may use its share of the time left, not all of it."""
    failure: OSError = TimeoutError()
    for tried, (family, address) in enumerate(found):
        try:
            return _dial(family, address, deadline, deadline.left() / (len(found) - tried))
        except OSError as error:
            failure = error
    raise failure


def _dial(family: socket.AddressFamily, address: Any, deadline: Deadline, seconds: float) -> DeadlineSocket:
    dialled = DeadlineSocket(family, socket.SOCK_STREAM)
    try:
        dialled.settimeout(seconds)
        dialled.connect(address)
        dialled.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    except OSError:
        dialled.close()
        raise
    dialled.deadline = deadline
    return dialled


def call_failed(
    what: str, error: OSError, kind: type[OutsideCallFailed] = OutsideCallFailed
) -> OutsideCallFailed:
    """The error for a connection that failed or broke, in words that show nothing of what was sent."""
    reason, retryable = _reason(error)
    return kind(f"{what} failed: {reason}.", retryable=retryable)


def _reason(error: OSError) -> tuple[str, bool]:
    match error:
        case TimeoutError():
            return "there was no complete answer in time", True
        case socket.gaierror():
            return "the host name could not be resolved", error.errno == socket.EAI_AGAIN
        case ssl.SSLCertVerificationError():
            return f"the certificate is not trusted ({error.verify_message.rstrip('.')})", False
        case ssl.SSLError():
            why = getattr(error, "reason", None)
            return f"no secure connection ({why})", isinstance(error, ssl.SSLEOFError)
        case _:
            return (error.strerror or "the connection broke").lower(), True
