"""Lists of instances at two sizes: time in PostgreSQL, time of the endpoint, both beside a plain DRF page.

The two databases are asked in turn, so that whatever else the machine does befalls both.
"""

from __future__ import annotations

import re
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.benchmarks import filled
from tests.benchmarks.filled import Filled
from workflows.actions import list_marks

ROUNDS = 5
CALLS = 5  # of each database in a round
_ABOUT = re.compile(r'FROM "?workflows_(instance|pendingsignal)')  # statements that are not about who calls


@dataclass(frozen=True)
class Timing:
    """Medians in milliseconds."""

    sql: float
    http: float
    plain: float


def report(url: str, rows: int) -> None:
    """Fill two databases on the server of `url`, with `rows` instances and a hundredth of them; print all."""
    begun = time.monotonic()
    large = filled.make(url, rows)
    took = time.monotonic() - begun
    small = filled.make(url, max(filled.SMALLEST, rows // 100))
    print(f"\nfilling {rows:,} instances: {took:,.0f} s")
    print(f"{'lists, ms':26}{'':4}{f'{small.rows:,} rows':^24}{f'{large.rows:,} rows':^24}", end="")
    print(f"{'SQL ratio':>10}{'HTTP ratio':>11}{'÷ plain DRF':>12}")
    print(f"{'':26}{'':4}{'SQL':>8}{'HTTP':>8}{'plain':>8}{'SQL':>8}{'HTTP':>8}{'plain':>8}")
    for (name, few), (_, many) in zip(small.paths.items(), large.paths.items(), strict=True):
        _line(name, *_measured(name, [(small, few), (large, many)]))


def _line(name: str, few: Timing, many: Timing) -> None:
    print(f"{name:30}", end="")
    for timing in (few, many):
        print(f"{timing.sql:>8.2f}{timing.http:>8.2f}{timing.plain:>8.2f}", end="")
    # The goals: at most 1.2, and at least 0.9 of the rate of the plain page.
    print(
        f"{many.sql / few.sql:>10.2f}{many.http / few.http:>11.2f}{many.plain / many.http:>12.2f}", flush=True
    )


def _measured(name: str, asked: Sequence[tuple[Filled, str]]) -> list[Timing]:
    """The medians of some rounds, each of which asks both databases."""
    found: list[list[Timing]] = [[] for _ in asked]
    for _ in range(ROUNDS):
        for timings, (database, path) in zip(found, asked, strict=True):
            database.use()
            timings.append(_round(name, database, path))
    return [
        Timing(
            *(statistics.median(getattr(each, part) for each in timings) for part in ("sql", "http", "plain"))
        )
        for timings in found
    ]


def _round(name: str, database: Filled, path: str) -> Timing:
    """Who reads a far page has read the one before it, unless he jumps there."""

    def ask() -> None:
        if name.startswith(filled.UNMARKED_JUMP):
            filled.forget_marks()
        database.get(path)

    if name.startswith(filled.JUMP):
        filled.forget_marks()
        list_marks.renew()
    elif not name.startswith(filled.UNMARKED_JUMP):
        database.get(_before(path))
    sql, http = _in_database(_statements(ask)), _median(ask)
    plain = filled.plain_path(path, database.get(path))
    return Timing(sql, http, _median(lambda: database.get(plain)))


def _before(path: str) -> str:
    """The page before a far page."""
    head, separator, number = path.partition("PageReturned=")
    return f"{head}{separator}{int(number) - 1}" if separator else path


def _statements(call: Callable[[], object]) -> list[str]:
    with CaptureQueriesContext(connection) as captured:
        call()
    return [query["sql"] for query in captured if _ABOUT.search(query["sql"])]


def _in_database(statements: Sequence[str]) -> float:
    """As the product runs them, without parallel workers, but without the product."""
    driver = connection.connection
    with driver.transaction():
        driver.execute("SET LOCAL max_parallel_workers_per_gather = 0")
        return _median(lambda: [driver.execute(statement).fetchall() for statement in statements])


def _median(work: Callable[[], object]) -> float:
    work()
    times = []
    for _ in range(CALLS):
        begun = time.perf_counter()
        work()
        times.append(time.perf_counter() - begun)
    return statistics.median(times) * 1000
