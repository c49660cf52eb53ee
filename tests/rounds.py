"""How often races and kills are repeated: a tenth in `make test`, all of it with `ROUNDS=full`."""

from __future__ import annotations

import os


def rounds(full: int) -> int:
    """`full` in CI, else a tenth of it; `ROUNDS=7` asks for seven."""
    wanted = os.environ.get("ROUNDS", "")
    if wanted == "full":
        return full
    return int(wanted) if wanted else max(1, full // 10)
