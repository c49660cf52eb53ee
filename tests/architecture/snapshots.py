"""Files made from the code and kept beside it: a test says when one is stale, and how to renew it."""

from __future__ import annotations

import os
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def assert_current(path: str, text: str) -> None:
    """`path` holds exactly `text`; with RENEW=1 in the environment it is written instead."""
    file = ROOT / path
    if os.environ.get("RENEW"):
        file.write_text(text, encoding="utf-8")
    held = file.read_text(encoding="utf-8") if file.is_file() else ""
    assert held == text, f"{path} is stale. Renew it by: RENEW=1 .venv/bin/pytest tests/architecture"
