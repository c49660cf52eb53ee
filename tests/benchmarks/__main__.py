"""`make bench`: throughput and latency beside the raw limits of the same PostgreSQL, from one run."""

from __future__ import annotations

import os
import sys

import django

from tests.benchmarks import stack


def main() -> int:
    scale = float(os.environ.get("SCALE", "1"))
    processes, threads = int(os.environ.get("WORKERS", "2")), int(os.environ.get("WORKER_THREADS", "4"))
    with stack.servers() as home:
        django.setup()
        from tests.benchmarks import report

        report.run(home, processes=processes, threads=threads, scale=scale)
    return 0


if __name__ == "__main__":
    sys.exit(main())
