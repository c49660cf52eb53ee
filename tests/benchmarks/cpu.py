"""CPU time of this process and everything below it: clients, workers, PostgreSQL, Valkey."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

_TICKS = os.sysconf("SC_CLK_TCK")


class Used(NamedTuple):
    """CPU seconds: all together, and PostgreSQL's part of them."""

    total: float
    postgres: float

    def since(self, earlier: Used) -> Used:
        return Used(self.total - earlier.total, self.postgres - earlier.postgres)


class _Process(NamedTuple):
    parent: int
    seconds: float  # its own and those of its dead children
    is_postgres: bool


def used() -> Used:
    """What we and our descendants, the dead ones too, have used so far."""
    processes = dict(_processes())
    below: dict[int, list[int]] = defaultdict(list)
    for pid, process in processes.items():
        below[process.parent].append(pid)
    ours = list(_descendants(os.getpid(), below))
    return Used(
        sum(processes[pid].seconds for pid in ours),
        sum(processes[pid].seconds for pid in ours if processes[pid].is_postgres),
    )


def _processes() -> Iterator[tuple[int, _Process]]:
    for folder in Path("/proc").iterdir():
        if not folder.name.isdigit():
            continue
        try:
            _, name, rest = folder.joinpath("stat").read_text().replace(")", "(").split("(", 2)
        except (FileNotFoundError, ProcessLookupError):
            continue  # it has just ended
        fields = rest.split()
        seconds = sum(map(int, fields[11:15])) / _TICKS
        yield int(folder.name), _Process(int(fields[1]), seconds, name == "postgres")


def _descendants(pid: int, below: dict[int, list[int]]) -> Iterator[int]:
    yield pid
    for child in below[pid]:
        yield from _descendants(child, below)
