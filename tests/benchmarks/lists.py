"""Lists of instances at two sizes: time in PostgreSQL, time of the endpoint, both beside a plain DRF page.

The two databases are asked in turn, so that whatever else the machine does befalls both.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.benchmarks import filled
from tests.benchmarks.filled import Filled

ROUNDS = 5
CALLS = 5  # of each database in a round
_ABOUT = ("workflows_instance", "workflows_pendingsignal")  # statements that are not about who calls


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
        is_followed = not name.startswith(filled.JUMP)
        _line(name, *_measured([(small, few), (large, many)], is_followed=is_followed))


def _line(name: str, few: Timing, many: Timing) -> None:
    print(f"{name:30}", end="")
    for timing in (few, many):
        print(f"{timing.sql:>8.2f}{timing.http:>8.2f}{timing.plain:>8.2f}", end="")
    # The goals: at most 1.2, and at least 0.9 of the rate of the plain page.
    print(
        f"{many.sql / few.sql:>10.2f}{many.http / few.http:>11.2f}{many.plain / many.http:>12.2f}", flush=True
    )


def _measured(asked: Sequence[tuple[Filled, str]], *, is_followed: bool) -> list[Timing]:
    """The medians of some rounds, each of which asks both databases; first for the page before."""
    found: list[list[Timing]] = [[] for _ in asked]
    for _ in range(ROUNDS):
        for timings, (database, path) in zip(found, asked, strict=True):
            database.use()
            if is_followed:
                database.get(_before(path))
            timings.append(_round(database, path))
    return [
        Timing(
            *(statistics.median(getattr(each, part) for each in timings) for part in ("sql", "http", "plain"))
        )
        for timings in found
    ]


def _round(database: Filled, path: str) -> Timing:
    statements = _statements(lambda: database.get(path))
    return Timing(
        _in_database(statements),
        _median(lambda: database.get(path)),
        _median(lambda: database.get(filled.plain_path(path))),
    )


def _before(path: str) -> str:
    """Who reads a far page has read the one before it."""
    head, separator, number = path.partition("PageReturned=")
    return f"{head}{separator}{int(number) - 1}" if separator else path


def _statements(call: Callable[[], object]) -> list[str]:
    with CaptureQueriesContext(connection) as captured:
        call()
    return [query["sql"] for query in captured if any(f'FROM "{table}' in query["sql"] for table in _ABOUT)]


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
