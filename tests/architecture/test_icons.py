"""Every icon that Python or a template names is there; an unknown one would be an error page."""

from __future__ import annotations

import re

import pytest

from portal import looks, navigation
from portal.templatetags.countersign import icon
from tests.architecture.snapshots import ROOT

LOOKS = (*looks.INSTANCES.values(), *looks.STEP_RUNS.values(), looks.PENDING)
NAMED = re.compile(r'(?:\{% icon |\bicon=)"([\w-]+)"')
NAMES = {
    *(look.icon for look in LOOKS),
    *(place.icon for _, places in navigation.PLACES for place in places),
    *looks.STEP_TYPES.values(),
    looks.UNKNOWN_STEP,
    *(
        name
        for path in (ROOT / "templates").rglob("*.html")
        for name in NAMED.findall(path.read_text(encoding="utf-8"))
    ),
}


@pytest.mark.parametrize("name", sorted(NAMES))
def test_the_icon_is_drawn(name: str) -> None:
    assert "<svg" in icon(name)
