"""`make test`: every suite in an invocation of its own, one summary line and one exit status for all.

Browser tests run when a Chromium is found; `E2E=required` makes its absence a failure.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

from tests.chromium import HINT, find_chromium

ROOT = Path(__file__).resolve().parent
# In processes of their own: they start servers and workers, and a browser holds an event loop.
SLOW = ("functional", "faults", "browser")
NOT_TESTS = ("benchmarks",)
_NO_TESTS_COLLECTED = 5
_COUNT = re.compile(r"(\d+) (passed|failed|errors?|skipped|xfailed|xpassed|deselected|warnings?)")


def main() -> int:
    started = time.monotonic()
    total: Counter[str] = Counter()
    failures = 0
    for name, arguments in _suites():
        print(f"\n== {name} ==", flush=True)
        status, counts = _run(arguments)
        total += counts
        failures += status not in (0, _NO_TESTS_COLLECTED)
    missing = not find_chromium()
    if missing:
        print(f"\n!! THE BROWSER TESTS DID NOT RUN: no Chromium was found. {HINT}", flush=True)
    summary = ", ".join(f"{number} {word}" for word, number in total.items()) or "no tests ran"
    print(f"\n==== {summary} in {time.monotonic() - started:.2f}s ====", flush=True)
    return int(bool(failures) or not total["passed"] or (missing and os.environ.get("E2E") == "required"))


def _suites() -> list[tuple[str, list[str]]]:
    apart = [f"--ignore={ROOT / name}" for name in (*SLOW, *NOT_TESTS)]
    suites = [("fast tests", ["-n", "2", *apart, str(ROOT)])]
    suites += [(name, [str(ROOT / name)]) for name in SLOW if name != "browser" or find_chromium()]
    return [(name, arguments) for name, arguments in suites if Path(arguments[-1]).is_dir()]


def _run(arguments: list[str]) -> tuple[int, Counter[str]]:
    """Exit status and counts; the output is shown as it comes."""
    command = [sys.executable, "-m", "pytest", "-q", *arguments]
    environ = {**os.environ, "DJANGO_ALLOW_ASYNC_UNSAFE": "1"}  # Playwright's loop runs beside the ORM
    last = ""
    with subprocess.Popen(
        command, cwd=ROOT.parent, env=environ, stdout=subprocess.PIPE, text=True
    ) as process:
        for line in process.stdout or ():
            print(line, end="", flush=True)
            last = line if _COUNT.search(line) else last
    counts = Counter(
        {word.rstrip("s") if word == "errors" else word: int(n) for n, word in _COUNT.findall(last)}
    )
    return process.returncode, counts


if __name__ == "__main__":
    sys.exit(main())
