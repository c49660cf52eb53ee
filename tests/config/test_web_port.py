"""The port before a start: free, held by a stranger, or by a server that is about to end."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator

import pytest

from config.supervisor.home import SupervisorError
from config.supervisor.web_port import wait_for_port


@pytest.fixture
def taken(monkeypatch: pytest.MonkeyPatch) -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        monkeypatch.setenv("BIND", "127.0.0.1")
        monkeypatch.setenv("PORT", str(server.getsockname()[1]))
        yield server


def test_a_free_port_is_taken_at_once(taken: socket.socket) -> None:
    taken.close()
    wait_for_port()


def test_a_strangers_port_is_refused(taken: socket.socket) -> None:
    port = taken.getsockname()[1]
    with pytest.raises(SupervisorError, match=f"Port {port} is in use.*PORT={port + 1}"):
        wait_for_port()


def test_the_server_of_the_last_run_may_end_first(
    taken: socket.socket, capsys: pytest.CaptureFixture[str]
) -> None:
    """It was killed with its supervisor, and a thread of it still answered; the start failed."""
    threading.Timer(2, taken.close).start()
    wait_for_port(goodbye=60)
    assert "waiting for the web server of the last run" in capsys.readouterr().out
