"""Every page, light and dark, wide and narrow: no violation that axe knows, no error, nothing sticks out."""

from __future__ import annotations

import os
from itertools import product

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from tests.browser.people import SCHEMES, SIZES, Entrance, Scheme
from tests.browser.scenery import Scenery
from tests.browser.tour import tour

STICKS_OUT = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


# Colours depend on the scheme and layout on the size, so two of the four show nearly everything.
EVERYTHING = list(product(SCHEMES, SIZES))
CHOSEN = EVERYTHING if os.environ.get("ROUNDS") == "full" else [("light", "narrow"), ("dark", "wide")]


@pytest.mark.timeout(600)
@pytest.mark.parametrize(("scheme", "size"), CHOSEN)
def test_every_page_is_accessible(entrance: Entrance, scenery: Scenery, scheme: Scheme, size: str) -> None:
    pages: dict[str, Page] = {}
    found: dict[str, list[str]] = {}
    for visit in tour(scenery):
        if visit.person not in pages:
            credentials = scenery.credentials(visit.person)
            pages[visit.person] = entrance.enter(*credentials, size=SIZES[size], scheme=scheme)
        page = pages[visit.person]
        page.goto(visit.path)
        if visit.act:
            visit.act(page)
        if problems := [*_violations(page), *_overflow(page)]:
            found[visit.name] = problems
    assert found == {}


def _violations(page: Page) -> list[str]:
    # Fading in, colours are not yet what they will be.
    page.evaluate("Promise.all(document.getAnimations().map(each => each.finished.catch(() => {})))")
    return [
        f"{each['id']}: {', '.join(node['html'][:120] for node in each['nodes'][:3])}"
        for each in Axe().run(page).response["violations"]
    ]


def _overflow(page: Page) -> list[str]:
    return ["the page is wider than the window"] if page.evaluate(STICKS_OUT) > 0 else []
