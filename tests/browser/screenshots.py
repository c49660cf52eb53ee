"""`make screenshots`: every page, light and dark, wide and narrow, as pictures in `screenshots/`.

Arguments are parts of names: `python -m tests.browser.screenshots review instance`.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from config.env import ROOT
from tests.browser.doors import SETTINGS
from tests.browser.people import SCHEMES, SIZES, Entrance
from tests.browser.scenery import Scenery
from tests.browser.tour import TOUR
from tests.chromium import HINT, find_chromium
from tests.product import running_product

FOLDER = ROOT / "screenshots"


def main(wanted: list[str]) -> int:
    program = find_chromium()
    if program is None:
        print(f"No Chromium was found. {HINT}")
        return 1
    FOLDER.mkdir(exist_ok=True)
    with (
        tempfile.TemporaryDirectory() as folder,
        running_product(Path(folder) / "data", **SETTINGS) as running,
    ):
        scenery = Scenery(running)
        with sync_playwright() as playwright:
            _take_all(playwright.chromium.launch(executable_path=program), scenery, wanted)
    print(f"The pictures are in {FOLDER}.")
    return 0


def _take_all(browser: Browser, scenery: Scenery, wanted: list[str]) -> None:
    visits = [each for each in TOUR if not wanted or any(part in each.name for part in wanted)]
    entrance = Entrance(browser, scenery.product.url)
    for size in SIZES:
        people: dict[str, Page] = {}
        for visit in visits:
            if visit.person not in people:
                people[visit.person] = entrance.enter(*scenery.credentials(visit.person), size=SIZES[size])
            scenery.show(people[visit.person], visit)
            _take(people[visit.person], f"{visit.name}-{size}")
    entrance.close()


def _take(page: Page, name: str) -> None:
    """What floats above a page is in the window, and pages under it may be long."""
    floats = "dialog" in name or "menu" in name
    if not floats:
        page.evaluate("scrollTo(0, 0)")  # else what sticks to the window is in the middle of the picture
    for scheme in SCHEMES:
        page.emulate_media(color_scheme=scheme)
        page.screenshot(path=FOLDER / f"{name}-{scheme}.png", full_page=not floats)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
