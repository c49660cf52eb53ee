"""Finds a Chromium or Chrome for the browser tests."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

HINT = (
    "On Debian: apt-get install chromium. Elsewhere: set E2E_CHROMIUM to the program of an installed Chrome."
)
_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_MAC = Path("/Applications/Google Chrome.app/Contents/MacOS/Google Chrome")


def find_chromium() -> str | None:
    """Path of the program, or None."""
    if given := os.environ.get("E2E_CHROMIUM"):
        return given if Path(given).is_file() else None
    for name in _NAMES:
        if found := shutil.which(name):
            return found
    return str(_MAC) if _MAC.is_file() else None
