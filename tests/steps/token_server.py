"""A server that gives access tokens by client credentials, and a resource that only they open."""

from __future__ import annotations

import contextlib
import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs


@dataclass
class TokenServer:
    """`POST /token` gives `token-1`, `token-2`, …; every other path wants the one that is valid."""

    client: tuple[str, str] = ("countersign", "kept-very-secret-43")
    answer: dict[str, object] = field(default_factory=lambda: {"token_type": "Bearer", "expires_in": 3600})
    asked: list[dict[str, str]] = field(default_factory=list)
    called: list[tuple[str, dict[str, str]]] = field(default_factory=list)  # path and headers
    valid: str = ""
    port: int = 0

    @contextlib.contextmanager
    def running(self) -> Iterator[TokenServer]:
        server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.port = server.server_address[1]
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        try:
            yield self
        finally:
            server.shutdown()
            server.server_close()

    def url(self, path: str) -> str:
        return f"http://127.0.0.1:{self.port}{path}"

    def revoke(self) -> None:
        self.valid = "another"

    def give(self, form: dict[str, str]) -> tuple[int, dict[str, object]]:
        self.asked.append(form)
        if (form["client_id"], form["client_secret"]) != self.client:
            return 401, {"error": "invalid_client", "error_description": form["client_secret"]}
        if form["grant_type"] != "client_credentials":
            return 400, {"error": "unsupported_grant_type"}
        self.valid = f"token-{len(self.asked)}"
        return 200, {"access_token": self.valid, **self.answer}

    def open(self, path: str, headers: dict[str, str]) -> tuple[int, dict[str, object]]:
        self.called.append((path, headers))
        is_open = headers.get("authorization") == f"Bearer {self.valid}"
        return (200, {"owner": "ann"}) if is_open else (401, {"error": "invalid_token"})

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        site = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("content-length", 0))).decode()
                if self.path == "/token":
                    self.reply(*site.give({name: values[0] for name, values in parse_qs(body).items()}))
                else:
                    self.do_GET()

            def do_GET(self) -> None:
                headers = {name.lower(): value for name, value in self.headers.items()}
                self.reply(*site.open(self.path, headers))

            def reply(self, status: int, members: dict[str, object]) -> None:
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.end_headers()
                self.wfile.write(json.dumps(members).encode())

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002
                pass

        return Handler
