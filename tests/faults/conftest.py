"""A whole product on servers of the tests' own: nobody restarts them behind a test's back."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from config.supervisor.home import open_home
from config.supervisor.postgres import Postgres
from config.supervisor.valkey import Valkey
from tests.product import Product, running_product


@pytest.fixture(scope="session")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("servers")


@pytest.fixture(scope="session")
def postgres(servers: Path) -> Iterator[Postgres]:
    server = Postgres(open_home(servers / "database"))
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def valkey(servers: Path) -> Iterator[Valkey]:
    server = Valkey(open_home(servers / "broker"))
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def product(servers: Path, postgres: Postgres, valkey: Valkey) -> Iterator[Product]:
    settings = {"DATABASE_URL": postgres.url, "REDIS_URL": valkey.url, "ENROLL_WAIT_SECONDS": "0"}
    with running_product(servers / "data", **settings) as product:
        yield product
