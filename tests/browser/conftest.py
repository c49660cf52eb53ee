"""Real browsers against the real product; whoever comes in is watched for errors that no test looks for."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser

from tests.browser.doors import SETTINGS
from tests.browser.people import Entrance
from tests.browser.scenery import Scenery
from tests.chromium import find_chromium
from tests.functional.conftest import administrator, cast
from tests.product import Product, running_product

__all__ = ["administrator", "cast"]

# A closed network must not make it wait for its maker's servers.
_QUIET = ["--disable-background-networking", "--disable-component-update", "--disable-sync"]


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    return {**browser_type_launch_args, "executable_path": find_chromium(), "args": _QUIET}


@pytest.fixture(scope="session")
def live_product(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    """Everything that can be switched on is on, so that all pages are there."""
    with running_product(tmp_path_factory.mktemp("product") / "data", **SETTINGS) as product:
        yield product


@pytest.fixture
def entrance(browser: Browser, live_product: Product) -> Iterator[Entrance]:
    """Opens browsers in which somebody is logged in; at the end none of them may have met an error."""
    opened = Entrance(browser, live_product.url)
    yield opened
    opened.close()
    assert opened.troubles == []


@pytest.fixture(scope="session")
def scenery(live_product: Product) -> Scenery:
    """The demonstration; the stories beside it have people of their own."""
    return Scenery(live_product)
