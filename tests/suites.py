"""`make test`: every suite in an invocation of its own, one summary line and one exit status for all.

The slow suites mostly wait for processes to start and end, so two of them run at a time, unless all share the
servers that the environment names. Browser tests run when a Chromium is found; `E2E=required` makes its
absence a failure.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.chromium import HINT, find_chromium

ROOT = Path(__file__).resolve().parent
# In processes of their own: they start servers and workers, and a browser holds an event loop. The longest
# first, so that the shorter ones share the other lane.
SLOW = ("browser", "functional", "faults")
LANES = 2
NOT_TESTS = ("benchmarks",)
_NO_TESTS_COLLECTED = 5
_COUNT = re.compile(r"(\d+) (passed|failed|errors?|skipped|xfailed|xpassed|deselected|warnings?)")


Suite = tuple[str, list[str]]
Outcome = tuple[int, Counter[str]]


def main() -> int:
    started = time.monotonic()
    fast, *slow = _suites()
    named = {"DATABASE_URL", "REDIS_URL"} & set(os.environ)
    with ThreadPoolExecutor(1 if named else LANES) as lanes:
        outcomes = [_shown(fast), *lanes.map(_told, slow)]
    total = sum((counts for _, counts in outcomes), Counter[str]())
    failures = sum(status not in (0, _NO_TESTS_COLLECTED) for status, _ in outcomes)
    missing = not find_chromium()
    if missing:
        print(f"\n!! THE BROWSER TESTS DID NOT RUN: no Chromium was found. {HINT}", flush=True)
    summary = ", ".join(f"{number} {word}" for word, number in total.items()) or "no tests ran"
    print(f"\n==== {summary} in {time.monotonic() - started:.2f}s ====", flush=True)
    return int(bool(failures) or not total["passed"] or (missing and os.environ.get("E2E") == "required"))


def _suites() -> list[Suite]:
    apart = [f"--ignore={ROOT / name}" for name in (*SLOW, *NOT_TESTS)]
    suites = [("fast tests", ["-n", "2", *apart, str(ROOT)])]
    suites += [(name, [str(ROOT / name)]) for name in SLOW if name != "browser" or find_chromium()]
    return [(name, arguments) for name, arguments in suites if Path(arguments[-1]).is_dir()]


def _shown(suite: Suite) -> Outcome:
    """Run it and show the output as it comes."""
    name, arguments = suite
    print(f"\n== {name} ==", flush=True)
    return _run(arguments, lambda line: print(line, end="", flush=True))


def _told(suite: Suite) -> Outcome:
    """Run it beside another one and show the output in one piece."""
    name, arguments = suite
    lines: list[str] = []
    outcome = _run(arguments, lines.append)
    print(f"\n== {name} ==\n{''.join(lines)}", end="", flush=True)
    return outcome


def _run(arguments: list[str], tell: Callable[[str], object]) -> Outcome:
    """Exit status and counts."""
    command = [sys.executable, "-m", "pytest", "-q", *arguments]
    environ = {**os.environ, "DJANGO_ALLOW_ASYNC_UNSAFE": "1"}  # Playwright's loop runs beside the ORM
    environ.pop("PYTHONDONTWRITEBYTECODE", None)  # or each process of a fresh environment compiles everything
    last = ""
    with subprocess.Popen(
        command, cwd=ROOT.parent, env=environ, stdout=subprocess.PIPE, text=True
    ) as process:
        for line in process.stdout or ():
            tell(line)
            last = line if _COUNT.search(line) else last
    counts = Counter(
        {word.rstrip("s") if word == "errors" else word: int(n) for n, word in _COUNT.findall(last)}
    )
    return process.returncode, counts


if __name__ == "__main__":
    sys.exit(main())
