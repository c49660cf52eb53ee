"""How often races and kills are repeated: a tenth in `make test`, all of it with `ROUNDS=full`."""

from __future__ import annotations

import os


def rounds(full: int, *, least: int = 0) -> int:
    """`full` in CI, else `least` or a tenth of `full`; `ROUNDS=7` asks for seven."""
    wanted = os.environ.get("ROUNDS", "")
    if wanted == "full":
        return full
    return int(wanted) if wanted else least or max(1, full // 10)
