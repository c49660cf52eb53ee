"""A listener of a test's own, to the database of the tests, that ends with the test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from workflows.engine import changes, listening, watching


def of_ones_own(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(listening, "HEAR_SECONDS", 0.05)
    _forget()
    yield
    thread = listening.listener().thread
    if thread is not None:
        monkeypatch.setattr(listening, "IDLE_SECONDS", -1)
        thread.join()
    _forget()


def _forget() -> None:
    for made in (listening.listener, changes.changes, watching._waiters):
        made.cache_clear()
