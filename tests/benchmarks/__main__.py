"""`make bench`: throughput and latency beside the raw limits of the same PostgreSQL, from one run.

WORKERS and WORKER_THREADS are those of the product; SCALE=0.1 is a quick look. No figure is judged.
"""

from __future__ import annotations

import os
import signal
import sys

import django

from tests.benchmarks import stack


def main() -> int:
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with stack.servers() as (home, url):
        django.setup()
        from tests.benchmarks.report import Report  # Django is ready only now

        report = Report(home, url, scale=float(os.environ.get("SCALE", "1")))
        processes, threads = (
            int(os.environ.get(name, n)) for name, n in (("WORKERS", 2), ("WORKER_THREADS", 4))
        )
        report.run(processes=processes, threads=threads)
    return 0


if __name__ == "__main__":
    sys.exit(main())
