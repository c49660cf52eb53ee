"""The worker processes of Monty in which the code of definitions runs (dependencies.md, pydantic-monty).

A worker has an empty environment, neither files nor network, and limits of time, memory, depth and questions
to us. Every run has a checkout of its own and sees nothing of another. Monty keeps no compiled code between
checkouts; parsing costs a tenth of a millisecond.
"""

from __future__ import annotations

import os
import threading
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from pydantic_monty import Monty, MontyError

from workflows.engine.expressions.faults import explain
from workflows.errors import ExpressionFailed, Unavailable

_SECONDS_WITHOUT_ANSWER = 15  # a worker that does not even say that its time is over is killed
_SECONDS_FOR_A_WORKER = 30


@dataclass(frozen=True, slots=True)
class Limits:
    """What one run may use; `seconds` counts only while its code executes."""

    seconds: float
    memory_bytes: int
    result_bytes: int
    source_characters: int
    recursion: int = 200  # above MAXIMUM_DEPTH of values: Monty puts words in place of what lies deeper
    suspensions: int = 50  # each unknown name and refused file is a question to this process


def run(
    code: str,
    inputs: dict[str, Any],
    limits: Limits,
    *,
    now: datetime | None = None,
    author: str | None = None,
    lines_before: int = 0,
) -> Any:
    """The value of the last expression of `code`, or what it returns; `inputs` are its global names.

    `now` is all that its clocks show, sleeping takes no time, what it prints goes nowhere.
    `author` is what a person wrote of `code` (absent: all), after `lines_before` lines of ours. Raises
    ExpressionFailed without its cause, whose message may quote the data, and Unavailable when no worker is
    free.
    """
    session = _workers.pool().checkout(
        limits={
            "max_feed_duration_secs": limits.seconds,
            "max_memory": limits.memory_bytes,
            "max_recursion_depth": limits.recursion,
            "max_suspensions": limits.suspensions,
        },
        os_policy={"datetime": now or datetime.now(UTC), "timezone": "utc", "sleep": "zero"},
        assert_message_annotations=False,
    )
    try:
        with session:
            return session.feed_run(code, inputs=inputs, print_callback=_discard)
    except MontyError as error:
        raise ExpressionFailed(explain(error, author or code, lines_before=lines_before)) from None
    except TimeoutError:
        raise Unavailable("All workers for scripts are busy; try again in a minute.") from None


def _discard(stream: str, text: str) -> None:
    """What a script prints may be data."""


class _Workers:
    """One pool a process, opened at first use: workers of Celery and gunicorn fork before that."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._pool: Monty | None = None
        self._process_id = 0

    def pool(self) -> Monty:
        with self._lock:
            if self._pool is None:
                self._pool = self._open()
                self._process_id = os.getpid()
            elif self._process_id != os.getpid():
                # Monty's threads stay behind in the parent: any call would wait for ever.
                raise RuntimeError("The sandbox was used before this process was forked from its parent.")
            return self._pool

    @staticmethod
    def _open() -> Monty:
        return Monty(
            min_processes=0,
            checkout_timeout=_SECONDS_FOR_A_WORKER,
            request_timeout=_SECONDS_WITHOUT_ANSWER,
            max_checkouts_per_worker=1_000,
        ).__enter__()


_workers = _Workers()
