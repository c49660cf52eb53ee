"""gunicorn's worker with threads, which says in the API's own form that a request line is too long.

Nothing of such a request can be trusted, so no view ever sees it, and gunicorn alone would answer a page.
"""

from __future__ import annotations

import contextlib
import json
import secrets
import socket
import time
from typing import Any

from gunicorn.http.errors import LimitRequestLine
from gunicorn.workers.gthread import ThreadWorker

from workflows.api.http_failures import LONG_LINE

LONGEST_LINE = 8190  # bytes, the most that gunicorn lets one bound; without a bound it would read forever
_PATIENCE = 2.0  # seconds for the rest to arrive
_REST = 4 * 1024 * 1024  # bytes that are read of it
_MESSAGE = (
    f"Address and parameters are longer than {LONGEST_LINE:,} bytes, in which a character that is neither "
    "letter nor digit may count three and more. Shorten the query, or ask in several."
)


class Worker(ThreadWorker):  # type: ignore[misc]
    def handle_error(self, req: Any, client: socket.socket, addr: Any, exc: BaseException) -> None:
        """Answer what could not be read as a request, or ended in an exception."""
        if not isinstance(exc, LimitRequestLine):
            super().handle_error(req, client, addr, exc)
            return
        identity = secrets.token_hex(12)
        self.log.warning("A request line is too long. request_id=%s %s", identity, exc)
        with contextlib.suppress(OSError):
            client.sendall(_answer(identity))
            _read_rest(client)


def _answer(identity: str) -> bytes:
    body = json.dumps({"ErrorCode": LONG_LINE.code, "Message": _MESSAGE, "RequestId": identity})
    head = [
        f"HTTP/1.1 {LONG_LINE.status} URI Too Long",
        "Content-Type: application/json",
        f"Content-Length: {len(body)}",
        "Cache-Control: no-store",
        f"X-Request-ID: {identity}",
        "Connection: close",
    ]
    return "\r\n".join([*head, "", body]).encode()


def _read_rest(client: socket.socket) -> None:
    """What is left unread when the connection is closed would reset it, and the answer be lost."""
    client.shutdown(socket.SHUT_WR)
    end, left = time.monotonic() + _PATIENCE, _REST
    while left > 0 and (seconds := end - time.monotonic()) > 0:
        client.settimeout(seconds)
        received = len(client.recv(65536))
        left = left - received if received else 0
