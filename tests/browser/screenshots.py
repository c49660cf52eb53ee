"""`make screenshots`: every page, light and dark, wide and narrow, as pictures in `screenshots/`.

Arguments are parts of names: `python -m tests.browser.screenshots review instance`.
"""

from __future__ import annotations

import sys
import tempfile
from itertools import product
from pathlib import Path
from typing import Literal

from playwright.sync_api import Browser, Page, ViewportSize, sync_playwright

from config.env import ROOT
from tests.browser.scenery import Scenery, Visit, log_in
from tests.chromium import HINT, find_chromium
from tests.product import running_product

FOLDER = ROOT / "screenshots"
Scheme = Literal["light", "dark"]
SCHEMES: tuple[Scheme, ...] = ("light", "dark")
SIZES: dict[str, ViewportSize] = {
    "wide": {"width": 1280, "height": 900},
    "narrow": {"width": 390, "height": 844},
}


def main(wanted: list[str]) -> int:
    program = find_chromium()
    if program is None:
        print(f"No Chromium was found. {HINT}")
        return 1
    FOLDER.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, running_product(Path(folder) / "data") as running:
        scenery = Scenery(running)
        with sync_playwright() as playwright:
            _take_all(playwright.chromium.launch(executable_path=program), scenery, wanted)
    print(f"The pictures are in {FOLDER}.")
    return 0


def _take_all(browser: Browser, scenery: Scenery, wanted: list[str]) -> None:
    visits = [each for each in scenery.visits() if not wanted or any(part in each.name for part in wanted)]
    for scheme, size in product(SCHEMES, SIZES):
        people: dict[str, Page] = {}
        for visit in visits:
            if visit.person not in people:
                people[visit.person] = _page_of(browser, scenery, visit.person, scheme, SIZES[size])
            _take(people[visit.person], scenery, visit, FOLDER / f"{visit.name}-{size}-{scheme}.png")
        for page in people.values():
            page.context.close()


def _page_of(browser: Browser, scenery: Scenery, person: str, scheme: Scheme, size: ViewportSize) -> Page:
    page = browser.new_page(viewport=size, color_scheme=scheme, has_touch=size["width"] < 640)
    if person:
        log_in(page, scenery.product.url, *scenery.credentials(person))
    return page


def _take(page: Page, scenery: Scenery, visit: Visit, path: Path) -> None:
    page.goto(scenery.product.url + visit.path)
    if visit.act:
        visit.act(page)
    page.screenshot(path=path, full_page="dialog" not in visit.name and "menu" not in visit.name)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
