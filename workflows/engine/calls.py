"""Making outside calls in threads of their own, and bringing the results to where they are stored.

A call may take minutes, so it holds neither a transaction nor a worker: whoever began it takes the next turn,
and one thread a process collects what is answered. It lives while calls are under way, and the process ends
only after it.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from queue import Empty, SimpleQueue

import structlog
from django.db import connections

from workflows.engine.contracts import Fail, Outcome
from workflows.engine.moving import Intent
from workflows.errors import DomainError

log = structlog.get_logger(__name__)

LINGER = 0.002  # seconds to let further results arrive, so that they share a commit
_THREADS = 1024  # more than any process begins calls: an intent has a lease and must not wait for a thread

Result = tuple[Intent, Outcome]
Store = Callable[[Sequence[Result]], list[Intent]]


class Calls:
    """Calls under way; `store` keeps their results and returns the calls that follow."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._answers: SimpleQueue[Result] = SimpleQueue()
        self._lock = threading.Lock()
        self._under_way = 0
        self._collector: threading.Thread | None = None

    @property
    def under_way(self) -> int:
        return self._under_way

    def begin(self, intents: Sequence[Intent]) -> None:
        """Make these calls, each in a thread; `collect` has to follow."""
        with self._lock:
            self._under_way += len(intents)
        for intent in intents:
            try:
                _pool().submit(self._make, intent)
            except RuntimeError:  # the process is ending: another one takes the step up after the lease
                self._finish(1)

    def collect(self) -> None:
        """Store results and make the calls that follow from them, until none is under way."""
        while self._under_way:
            results = self._next_results()
            try:
                self.begin(self._store(results))
            finally:
                self._finish(len(results))

    def hand_over(self, intents: Sequence[Intent]) -> None:
        """Make these calls and all that follows from them in the background."""
        self.begin(intents)
        with self._lock:
            if self._under_way and self._collector is None:
                self._collector = threading.Thread(target=self._collect_all, name="outside-results")
                self._collector.start()

    def wait(self, seconds: float) -> bool:
        """Whether the background came to rest within `seconds`."""
        end = time.monotonic() + seconds
        while (collector := self._collector) is not None and time.monotonic() < end:
            collector.join(end - time.monotonic())
        return self._collector is None

    def _finish(self, count: int) -> None:
        with self._lock:
            self._under_way -= count

    def _collect_all(self) -> None:
        while True:
            try:
                self.collect()
            except Exception:
                log.exception("results lost; their steps are taken up again when their leases end")
            with self._lock:
                if not self._under_way:
                    self._collector = None
                    break
        connections.close_all()

    def _make(self, intent: Intent) -> None:
        self._answers.put((intent, _answer(intent)))

    def _next_results(self) -> list[Result]:
        results = [self._answers.get()]
        end = time.monotonic() + LINGER
        while (left := end - time.monotonic()) > 0:
            try:
                results.append(self._answers.get(timeout=left))
            except Empty:
                break
        return results


def _answer(intent: Intent) -> Outcome:
    context = intent.context
    try:
        return context.step.type.run(context)
    except DomainError as error:
        return Fail(str(error))
    except (Exception, SystemExit):
        log.exception(
            "outside call crashed", instance=str(context.instance.guid), step=context.step.unique_name
        )
        return Fail("an unexpected error; the log of the worker has the details")


@cache
def _pool() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(max_workers=_THREADS, thread_name_prefix="outside")
