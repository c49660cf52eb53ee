"""gunicorn's worker with threads, which says in the product's own form that a request line is too long.

Nothing of such a request can be trusted, so no view ever sees it, and gunicorn alone would answer a page that
neither clients of the API nor people understand.
"""

from __future__ import annotations

import contextlib
import json
import re
import secrets
import socket
import time
from typing import Any

from django.template.loader import render_to_string
from gunicorn.http.errors import LimitRequestLine
from gunicorn.http.message import Request
from gunicorn.http.parser import RequestParser
from gunicorn.workers.gthread import ThreadWorker

from config.middleware import strict_headers
from workflows.api.http_failures import LONG_LINE

LONGEST_LINE = 8190  # bytes, the most that gunicorn lets one bound; without a bound it would read forever
_PATIENCE = 2.0  # seconds for the rest to arrive
_REST = 4 * 1024 * 1024  # bytes that are read of it
_MESSAGE = (
    f"Address and parameters are longer than {LONGEST_LINE:,} bytes, in which a character that is neither "
    "letter nor digit may count three and more. Shorten the query, or ask in several."
)

_OF_PORTAL = re.compile(rb"\s*[A-Z]+ /(?!(?:api|keyfactorapi)(?:[/? ]|$))", re.IGNORECASE)


class KeptRequest(Request):  # type: ignore[misc]
    def read_line(self, unreader: Any, buf: bytearray, limit: int = 0) -> Any:
        """What was read of a line that is too long goes with the exception: it says who asks."""
        try:
            return super().read_line(unreader, buf, limit)
        except LimitRequestLine as error:
            error.begin = bytes(buf)
            raise


class Worker(ThreadWorker):  # type: ignore[misc]
    def init_process(self) -> None:
        RequestParser.mesg_class = KeptRequest
        super().init_process()

    def handle_error(self, req: Any, client: socket.socket, addr: Any, exc: BaseException) -> None:
        """Answer what could not be read as a request, or ended in an exception."""
        if not isinstance(exc, LimitRequestLine):
            super().handle_error(req, client, addr, exc)
            return
        identity = secrets.token_hex(12)
        self.log.warning("A request line is too long. request_id=%s %s", identity, exc)
        with contextlib.suppress(OSError):
            client.sendall(_answer(identity, getattr(exc, "begin", b"")))
            _read_rest(client)


def _answer(identity: str, begin: bytes) -> bytes:
    """JSON, or a page for what begins like a request for one."""
    content_type, text = _page(identity) if _OF_PORTAL.match(begin) else _refusal(identity)
    body = text.encode()
    headers = strict_headers() | {
        "Content-Type": content_type,
        "Content-Length": str(len(body)),
        "X-Request-ID": identity,
        "Connection": "close",
    }
    head = [f"HTTP/1.1 {LONG_LINE.status} URI Too Long", *(": ".join(pair) for pair in headers.items())]
    return "\r\n".join([*head, "", ""]).encode() + body


def _refusal(identity: str) -> tuple[str, str]:
    answer = {"ErrorCode": LONG_LINE.code, "Message": _MESSAGE, "RequestId": identity}
    return "application/json", json.dumps(answer)


def _page(identity: str) -> tuple[str, str]:
    words = {"message": _MESSAGE, "request_id": identity}
    return "text/html; charset=utf-8", render_to_string("errors/414.html", words)


def _read_rest(client: socket.socket) -> None:
    """What is left unread when the connection is closed would reset it, and the answer be lost."""
    client.shutdown(socket.SHUT_WR)
    end, left = time.monotonic() + _PATIENCE, _REST
    while left > 0 and (seconds := end - time.monotonic()) > 0:
        client.settimeout(seconds)
        received = len(client.recv(65536))
        left = left - received if received else 0
