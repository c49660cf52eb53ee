"""`make bench`: throughput, latency and lists beside the raw limits of the same PostgreSQL, from one run.

WORKERS and WORKER_THREADS are those of the product; SCALE=0.1 is a quick look, LIST_ROWS the instances of the
larger list, `python -m tests.benchmarks lists` the lists alone. No figure is judged.
"""

from __future__ import annotations

import os
import signal
import sys

import django

from tests.benchmarks import stack

LEAST = 10_000  # instances of the larger list; the smaller one never has fewer than a thousand


def list_rows(scale: float) -> int:
    """Those of LIST_ROWS, or of the scale. Exits for fewer than can be compared."""
    wanted = os.environ.get("LIST_ROWS", "")
    if not wanted:
        return max(LEAST, int(1_000_000 * scale))
    if not wanted.isdecimal() or int(wanted) < LEAST:
        sys.exit(
            f"LIST_ROWS={wanted}: name {LEAST} instances or more; a list is compared with a smaller one."
        )
    return int(wanted)


def main() -> int:
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    scale = float(os.environ.get("SCALE", "1"))
    rows = list_rows(scale)
    with stack.servers() as (home, url):
        django.setup()
        from tests.benchmarks import lists  # Django is ready only now
        from tests.benchmarks.report import Report

        processes, threads = (
            int(os.environ.get(name, n)) for name, n in (("WORKERS", 2), ("WORKER_THREADS", 4))
        )
        if sys.argv[1:] != ["lists"]:
            Report(home, url, scale=scale).run(processes=processes, threads=threads)
        lists.report(url, rows)
    return 0


if __name__ == "__main__":
    sys.exit(main())
