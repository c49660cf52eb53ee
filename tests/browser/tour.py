"""Every page of the portal, one after the other: for pictures and for checks."""

from __future__ import annotations

from collections.abc import Iterator

from tests.browser import areas, doors
from tests.browser.scenery import Scenery, Visit


def tour(scenery: Scenery) -> Iterator[Visit]:
    yield from scenery.visits()
    yield from areas.visits(scenery.product)
    yield from doors.Doors(scenery).visits()
