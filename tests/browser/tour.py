"""Every page of the portal, one after the other: for pictures and for checks."""

from __future__ import annotations

from tests.browser import administration, definitions, doors, everyday, instances, refusals, requests
from tests.browser.visits import Visit

AREAS = (everyday, instances, requests, definitions, administration, doors, refusals)
TOUR: tuple[Visit, ...] = tuple(visit for area in AREAS for visit in area.VISITS)
