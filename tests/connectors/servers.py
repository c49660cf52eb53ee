"""Real counterparts on loopback: one that follows a script byte by byte, one that speaks HTTP."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

Script = Callable[[socket.socket], None]


@contextlib.contextmanager
def scripted(script: Script, host: str = "127.0.0.1", *, tls: ssl.SSLContext | None = None) -> Iterator[int]:
    """Runs `script` with each connection; yields the port."""
    open_connections: list[socket.socket] = []

    def talk(connection: socket.socket) -> None:
        # A client that has had enough hangs up: that ends the script.
        with contextlib.suppress(OSError):
            wrapped = tls.wrap_socket(connection, server_side=True) if tls else connection
            with wrapped:
                script(wrapped)
        connection.close()

    def accept() -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _ = listener.accept()
                open_connections.append(connection)
                threading.Thread(target=talk, args=(connection,), daemon=True).start()

    listener = socket.create_server((host, 0))
    threading.Thread(target=accept, daemon=True).start()
    try:
        yield listener.getsockname()[1]
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        for connection in open_connections:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)


def read_head(connection: socket.socket) -> bytes:
    head = b""
    while not head.endswith(b"\r\n\r\n"):
        head += connection.recv(1)
    return head


def drip(connection: socket.socket, head: bytes = b"", drop: bytes = b"x") -> None:
    """Sends `head`, then a drop ten times a second for as long as the client listens."""
    connection.sendall(head)
    pause = threading.Event()
    while not pause.wait(0.1):
        connection.sendall(drop)


@dataclass(frozen=True)
class Seen:
    """A request as it arrived."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Reply:
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b"done"


@dataclass
class HttpServer:
    """Answers by path (404 for others) and keeps what it saw; HTTP/1.1 with connections kept open."""

    replies: dict[str, Reply] = field(default_factory=dict)
    seen: list[Seen] = field(default_factory=list)
    server_names: list[str | None] = field(default_factory=list)
    port: int = 0

    @contextlib.contextmanager
    def running(self, host: str = "127.0.0.1", *, tls: ssl.SSLContext | None = None) -> Iterator[HttpServer]:
        server = ThreadingHTTPServer((host, 0), self._handler())
        server.daemon_threads = True
        if tls:
            tls.sni_callback = lambda _socket, name, _context: self.server_names.append(name)
            server.socket = tls.wrap_socket(server.socket, server_side=True)
        self.port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        try:
            yield self
        finally:
            server.shutdown()
            server.server_close()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        site = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def answer(self) -> None:
                body = self.rfile.read(int(self.headers.get("content-length", 0)))
                headers = {name.lower(): value for name, value in self.headers.items()}
                site.seen.append(Seen(self.command, self.path, headers, body))
                reply = site.replies.get(self.path, Reply(404))
                self.send_response(reply.status)
                for name, value in reply.headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(reply.body)))
                self.end_headers()
                if self.command != "HEAD":
                    self.wfile.write(reply.body)

            do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = answer  # noqa: N815

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002
                pass

        return Handler
