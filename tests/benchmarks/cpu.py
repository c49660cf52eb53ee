"""CPU time of this process and everything below it: clients, workers, PostgreSQL, Valkey."""

from __future__ import annotations

import os
from collections import defaultdict
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")


def seconds() -> float:
    """CPU seconds that we and our descendants, the dead ones too, have used."""
    below: dict[int, list[int]] = defaultdict(list)
    used: dict[int, int] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and (fields := _fields(entry)):
            below[int(fields[1])].append(int(entry.name))
            used[int(entry.name)] = sum(map(int, fields[11:15]))
    return _sum(os.getpid(), below, used) / _TICKS


def _fields(process: Path) -> list[str]:
    """What stands behind the name in `stat`: state, parent, …, from the 12th on the four CPU times."""
    try:
        return (process / "stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return []


def _sum(pid: int, below: dict[int, list[int]], used: dict[int, int]) -> int:
    return used.get(pid, 0) + sum(_sum(child, below, used) for child in below[pid])
