"""The settings as the table of docs/operations.md (`make renew`)."""

from __future__ import annotations

import re
from typing import Any

from config import env

_PLACE = re.compile(r"(<!-- settings: begin -->\n).*(<!-- settings: end -->\n)", re.DOTALL)


def table() -> str:
    """All of `env.SETTINGS` in Markdown, in the order they are declared."""
    rows = [f"| `{setting.name}` | {_default(setting)} | {setting.meaning} |" for setting in env.SETTINGS]
    return "\n".join(["| name | default | meaning |", "| --- | --- | --- |", *rows]) + "\n"


def updated(page: str) -> str:
    """`page` with the table of today between its two marks."""
    return _PLACE.sub(lambda found: f"{found[1]}{table()}{found[2]}", page)


def _default(setting: env.Setting[Any]) -> str:
    if setting.default is None:
        return "made by `make up`"
    return f"`{setting.default}`" if setting.default else ""
