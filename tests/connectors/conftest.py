from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.connectors.certificates import Authority, new_authority
from tests.connectors.servers import HttpServer, Reply
from workflows.connectors.addresses import OutboundPolicy

Names = dict[str, list[tuple[str, int]]]
Resolver = Callable[[Names], list[str]]


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return new_authority(Path(tmp_path_factory.mktemp("authority")))


@pytest.fixture
def loopback(authority: Authority) -> OutboundPolicy:
    """A policy that allows 127.0.0.1 and trusts the tests' authority."""
    return OutboundPolicy.of(["127.0.0.1"], trusted_pem=authority.pem)


@pytest.fixture
def site() -> Iterator[HttpServer]:
    with HttpServer({"/": Reply()}).running() as server:
        yield server


@pytest.fixture
def resolver(monkeypatch: pytest.MonkeyPatch) -> Resolver:
    """`resolver({name: [(address, port or 0)]})` answers for these names; it returns what was asked."""
    asked: list[str] = []

    def install(names: Names) -> list[str]:
        real = socket.getaddrinfo

        def answer(host: str, port: int, *args: Any, **kwargs: Any) -> Any:
            asked.append(host)
            found = []
            for address, its_port in names.get(host, [(host, port)]):
                found += real(address, its_port or port, *args, **kwargs)
            return found

        monkeypatch.setattr(socket, "getaddrinfo", answer)
        return asked

    return install
