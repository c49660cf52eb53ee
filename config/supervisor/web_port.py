"""The web server's port, seen from outside: is it free before, and does it answer after the start?"""

from __future__ import annotations

import socket
from http.client import HTTPConnection, HTTPException

from config import env
from config.supervisor.children import wait_until
from config.supervisor.home import SupervisorError


def wait_for_port(*, goodbye: float = 0) -> None:
    """Returns when the port is free, which a web server of the run before may put off for `goodbye` seconds.

    Raises SupervisorError when the port stays taken.
    """
    if wait_until(_is_free, seconds=1):
        return
    port = env.PORT.read()
    if goodbye:
        print(f"Port {port} is in use; waiting for the web server of the last run to end ...", flush=True)
    if not goodbye or not wait_until(_is_free, goodbye, pause=0.2):
        raise SupervisorError(f"Port {port} is in use. Choose another one: make up PORT={port + 1}")


def is_ready() -> bool:
    """Whether `/readyz` answers 200."""
    bind = env.BIND.read()
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(bind, bind)  # noqa: S104  # an answer, not a binding
    connection = HTTPConnection(host, env.PORT.read(), timeout=5)
    try:
        connection.request("GET", "/readyz", headers={"Host": "localhost"})
        return connection.getresponse().status == 200
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()


def _is_free() -> bool:
    bind = env.BIND.read()
    family = socket.AF_INET6 if ":" in bind else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((bind, env.PORT.read()))
        except OSError:
            return False
    return True
