from __future__ import annotations

import socket
import ssl
import threading

import pytest

from tests.connectors.certificates import Authority
from tests.connectors.conftest import Resolver
from tests.connectors.servers import drip, scripted
from workflows.connectors.addresses import OutboundPolicy
from workflows.connectors.outbound import Deadline, DeadlineSocket, call_failed, connect, tls_context
from workflows.errors import AddressRefused


def dial(host: str, port: int, policy: OutboundPolicy, seconds: float = 10) -> DeadlineSocket:
    return connect(host, port, policy=policy, deadline=Deadline(seconds))


def echo(connection: socket.socket) -> None:
    while data := connection.recv(100):
        connection.sendall(data)


def drain(connected: socket.socket) -> None:
    while connected.recv(100):
        pass


def test_an_allowed_address_is_reached(loopback: OutboundPolicy) -> None:
    with scripted(echo) as port, dial("127.0.0.1", port, loopback) as connected:
        connected.sendall(b"hello")
        assert connected.recv(100) == b"hello"


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "localhost",
        "2130706433",  # decimal
        "0x7f000001",
        "0177.0.0.1",  # octal
        "127.1",
        "0",
        "::1",
        "::ffff:127.0.0.1",
        "::",
    ],
)
def test_without_permission_every_spelling_of_loopback_is_refused(host: str) -> None:
    reached = threading.Event()
    with (
        scripted(lambda connection: reached.set()) as port,
        pytest.raises(AddressRefused, match="OUTBOUND_ALLOW_PRIVATE"),
    ):
        dial(host, port, OutboundPolicy())
    assert not reached.is_set()


@pytest.mark.parametrize(
    "host", ["10.0.0.1", "169.254.169.254", "fd00:ec2::254", "fe80::1%lo", "192.168.0.1"]
)
def test_private_and_metadata_addresses_are_refused(host: str, loopback: OutboundPolicy) -> None:
    with pytest.raises(AddressRefused):
        dial(host, 80, loopback)


def test_one_bad_address_refuses_the_name(resolver: Resolver, loopback: OutboundPolicy) -> None:
    resolver({"mixed.example": [("127.0.0.1", 0), ("10.0.0.1", 0)]})
    with pytest.raises(AddressRefused, match=r"mixed\.example"):
        dial("mixed.example", 80, loopback)


def test_a_name_is_resolved_once_and_the_checked_address_dialled(
    resolver: Resolver, loopback: OutboundPolicy
) -> None:
    with scripted(echo) as port:
        names = {"rebind.example": [("127.0.0.1", port)]}
        asked = resolver(names)
        with dial("rebind.example", port, loopback) as connected:
            names["rebind.example"] = [("10.0.0.1", port)]
            assert connected.getpeername() == ("127.0.0.1", port)
    assert asked == ["rebind.example"]


def test_the_next_address_is_tried(resolver: Resolver, loopback: OutboundPolicy) -> None:
    with scripted(echo) as port:
        with socket.create_server(("127.0.0.1", 0)) as closed:
            dead = closed.getsockname()[1]
        resolver({"two.example": [("127.0.0.1", dead), ("127.0.0.1", port)]})
        with dial("two.example", 1, loopback) as connected:
            assert connected.getpeername()[1] == port


def test_a_closed_port_is_an_os_error(loopback: OutboundPolicy) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    with pytest.raises(ConnectionRefusedError) as caught:
        dial("127.0.0.1", port, loopback)
    failed = call_failed("GET", caught.value)
    assert str(failed) == "GET failed: connection refused."
    assert failed.retryable


@pytest.mark.parametrize(
    ("host", "port"),
    [("", 80), ("127.0.0.1", 0), ("127.0.0.1", 65536), ("a\0b", 80), ("x" * 70, 80), ("\ud800", 80)],
)
def test_what_is_no_host_or_port_is_refused(host: str, port: int, loopback: OutboundPolicy) -> None:
    with pytest.raises(AddressRefused):
        dial(host, port, loopback)


def test_a_resolver_that_hangs_meets_the_deadline(
    monkeypatch: pytest.MonkeyPatch, loopback: OutboundPolicy
) -> None:
    answer = threading.Event()

    def hang(*args: object, **kwargs: object) -> list[object]:
        answer.wait(60)
        return []

    monkeypatch.setattr(socket, "getaddrinfo", hang)
    with pytest.raises(TimeoutError):
        dial("slow.example", 80, loopback, seconds=0.3)
    answer.set()


def test_a_silent_peer_meets_the_deadline(loopback: OutboundPolicy) -> None:
    with (
        scripted(drain) as port,
        dial("127.0.0.1", port, loopback, 0.3) as connected,
        pytest.raises(TimeoutError),
    ):
        connected.recv(1)


def test_a_peer_that_drips_meets_the_deadline(loopback: OutboundPolicy) -> None:
    with (
        scripted(drip) as port,
        dial("127.0.0.1", port, loopback, 0.5) as connected,
        pytest.raises(TimeoutError),
    ):
        drain(connected)


def test_a_peer_that_does_not_read_meets_the_deadline(loopback: OutboundPolicy) -> None:
    with (
        scripted(drip) as port,
        dial("127.0.0.1", port, loopback, 0.5) as connected,
        pytest.raises(TimeoutError),
    ):
        connected.sendall(b"x" * 50_000_000)


def test_files_of_a_socket_keep_the_deadline(loopback: OutboundPolicy) -> None:
    with (
        scripted(drip) as port,
        dial("127.0.0.1", port, loopback, 0.5) as connected,
        connected.makefile("rb") as file,
        pytest.raises(TimeoutError),
    ):
        file.readline()


def test_tls_keeps_the_deadline(authority: Authority, loopback: OutboundPolicy) -> None:
    tls = tls_context(authority.pem)
    with (
        scripted(drip, tls=authority.server("127.0.0.1")) as port,
        dial("127.0.0.1", port, loopback, 1) as connected,
        tls.wrap_socket(connected, server_hostname="127.0.0.1") as secure,
        pytest.raises(TimeoutError),
    ):
        drain(secure)


def test_tls_files_and_writes_work(authority: Authority, loopback: OutboundPolicy) -> None:
    tls = tls_context(authority.pem)
    with (
        scripted(echo, tls=authority.server("127.0.0.1")) as port,
        dial("127.0.0.1", port, loopback) as connected,
        tls.wrap_socket(connected, server_hostname="127.0.0.1") as secure,
        secure.makefile("rb") as file,
    ):
        secure.sendall(b"one line\n")
        assert file.readline() == b"one line\n"


def test_a_handshake_that_hangs_meets_the_deadline(loopback: OutboundPolicy) -> None:
    with (
        scripted(drain) as port,
        dial("127.0.0.1", port, loopback, 0.3) as connected,
        pytest.raises(TimeoutError),
    ):
        tls_context("").wrap_socket(connected, server_hostname="127.0.0.1")


def test_tls_goes_over_guarded_sockets_only() -> None:
    with socket.socket() as bare, pytest.raises(TypeError):
        tls_context("").wrap_socket(bare, server_hostname="host.example")


@pytest.mark.parametrize(
    ("error", "retryable"),
    [
        (TimeoutError(), True),
        (socket.gaierror(socket.EAI_AGAIN, "try again"), True),
        (socket.gaierror(socket.EAI_NONAME, "unknown"), False),
        (ConnectionResetError(104, "Connection reset by peer"), True),
        (ConnectionError(), True),
        (ssl.SSLError(1, "wrong version number"), False),
        (ssl.SSLEOFError(8, "eof"), True),
    ],
)
def test_failures_say_whether_to_try_again(error: OSError, retryable: bool) -> None:
    assert call_failed("GET to http://host", error).retryable is retryable
