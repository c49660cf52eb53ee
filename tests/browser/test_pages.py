"""Every page, light and dark, wide and narrow: no violation that axe knows, no error, nothing sticks out."""

from __future__ import annotations

import os
from collections.abc import Sequence
from itertools import cycle

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page

from tests.browser import doors
from tests.browser.people import SCHEMES, SIZES, Entrance, Scheme
from tests.browser.scenery import Scenery
from tests.browser.seat import Seat
from tests.browser.tour import TOUR
from tests.browser.visits import page_at, pages_of

STICKS_OUT = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
# Fading in, colours are not yet what they will be.
IS_STILL = "Promise.all(document.getAnimations().map(each => each.finished.catch(() => {})))"
VIOLATIONS = """async () => {
  const { violations } = await axe.run({ resultTypes: ["violations"], preload: false });
  const where = nodes => nodes.slice(0, 3).map(({ html }) => html.slice(0, 120)).join(", ");
  return violations.map(({ id, nodes }) => `${id}: ${where(nodes)}`);
}"""

# With ROUNDS=full two tours look at all that each page can show, in both schemes; else one tour looks at each
# page once, the first one wide and light, the next one narrow and dark, and so on.
IS_FULL = os.environ.get("ROUNDS") == "full"
Look = tuple[str, Sequence[Scheme]]
FULL: dict[str, list[Look]] = {size: [(size, SCHEMES)] for size in SIZES}
TURNS: list[Look] = [("wide", ["light"]), ("narrow", ["dark"]), ("wide", ["dark"]), ("narrow", ["light"])]
TOURS = FULL if IS_FULL else {"in turn": TURNS}
FIRST = {frozenset(pages_of(visit)): visit for visit in reversed(TOUR)}
# Through the doors somebody goes in order, one visit because of another.
EACH_ONCE = [visit for visit in TOUR if visit in doors.VISITS or visit in FIRST.values()]
VISITS = TOUR if IS_FULL else EACH_ONCE


@pytest.mark.timeout(900)
@pytest.mark.parametrize("looks", TOURS.values(), ids=TOURS)
def test_every_page_is_accessible(entrance: Entrance, scenery: Scenery, looks: list[Look]) -> None:
    seat = Seat(entrance, scenery)
    seat.page.add_init_script(AXE_SCRIPT)  # here it is not sent again for each page
    found: dict[str, list[str]] = {}
    for visit, (size, schemes) in zip(VISITS, cycle(looks), strict=False):
        seat.take(visit.person)
        _resize(seat.page, size)
        seat.page.emulate_media(color_scheme=schemes[0])  # once shown, it would fade into the other
        scenery.show(seat.page, visit)
        if problems := [*_violations(seat.page, schemes), *_overflow(seat.page)]:
            found[visit.name] = problems
    assert found == {}
    assert set().union(*map(pages_of, TOUR)) - {page_at(path) for path in entrance.seen} == set()


def _violations(page: Page, schemes: Sequence[Scheme]) -> list[str]:
    found: list[str] = []
    for scheme in schemes:
        page.emulate_media(color_scheme=scheme)
        page.evaluate(IS_STILL)
        found += (f"{scheme}: {each}" for each in page.evaluate(VIOLATIONS))
    return found


def _overflow(page: Page) -> list[str]:
    """At all sizes, first the one that it was opened in: a window takes its time to change."""
    found = []
    for size in sorted(SIZES, key=lambda size: SIZES[size] != page.viewport_size):
        _resize(page, size)
        found += [f"{size}: it is wider than the window"] if page.evaluate(STICKS_OUT) > 0 else []
    return found


def _resize(page: Page, size: str) -> None:
    if page.viewport_size != SIZES[size]:
        page.set_viewport_size(SIZES[size])
