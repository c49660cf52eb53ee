"""One running product for all stories; each story makes its own people, templates and definitions."""

from __future__ import annotations

from collections.abc import Iterator

import httpx2
import pytest

from tests.functional.cast import Cast
from tests.product import Product, running_product


@pytest.fixture(scope="session")
def live_product(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    """Web server, one worker and beat, seeded, on a free port of the loopback."""
    with running_product(tmp_path_factory.mktemp("product") / "data") as product:
        yield product


@pytest.fixture
def administrator(live_product: Product) -> Iterator[httpx2.Client]:
    """The first administrator's API client."""
    with live_product.client() as client:
        yield client


@pytest.fixture
def cast(live_product: Product, administrator: httpx2.Client) -> Iterator[Cast]:
    """People and definitions of this story."""
    cast = Cast(live_product, administrator)
    yield cast
    cast.close()
