"""A child is asked, then made to end; its log does not grow for ever."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from config.supervisor import children
from config.supervisor.children import Child, wait_until
from config.supervisor.keeping import Keeper

STUBBORN = """
import signal, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
print("ready", flush=True)
time.sleep(60)
"""


def child(tmp_path: Path, code: str, *, grace: float = 10) -> Child:
    command = [sys.executable, "-c", code]
    return Child("child", command, log=tmp_path / "child.log", environ={}, grace=grace)


def test_one_that_does_not_listen_is_killed(tmp_path: Path) -> None:
    stubborn = child(tmp_path, STUBBORN, grace=0.2)
    stubborn.start()
    assert wait_until(lambda: stubborn.last_words() == "ready", 20)
    stubborn.stop()
    assert stubborn.process
    assert stubborn.process.returncode == -signal.SIGKILL


@pytest.fixture
def in_background() -> Iterator[None]:
    """As a shell's `make up &` starts us: deaf to the keys of the terminal, and so are our children."""
    before = {number: signal.signal(number, signal.SIG_IGN) for number in (signal.SIGINT, signal.SIGQUIT)}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGQUIT])
@pytest.mark.usefixtures("in_background")
def test_one_that_has_hardly_begun_hears_the_signal(tmp_path: Path, number: signal.Signals) -> None:
    """A web server whose supervisor was killed in its first second held the port for ever."""
    deaf = Child("child", ["sleep", "60"], log=tmp_path / "child.log", environ=os.environ, last_signal=number)
    deaf.start()
    assert deaf.process
    deaf.process.send_signal(number)
    assert wait_until(lambda: not deaf.is_alive(), 20)


def test_one_that_was_never_started_can_be_stopped(tmp_path: Path) -> None:
    child(tmp_path, "").stop()


def test_a_large_log_is_put_aside_at_the_next_start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(children, "_LARGEST_LOG", 3)
    for word in ("first", "second"):
        talker = child(tmp_path, f"print('{word}')")
        talker.start()
        wait_until(lambda talker=talker: not talker.is_alive(), 20)
    assert (tmp_path / "child.old.log").read_text() == "first\n"
    assert (tmp_path / "child.log").read_text() == "second\n"


def test_what_dies_is_told_once_and_started_again(tmp_path: Path) -> None:
    keeper = Keeper(child(tmp_path, "print('lived')"))
    keeper.start()
    assert wait_until(lambda: not keeper.child.is_alive(), 20)
    sentence = keeper.look()
    assert sentence
    assert "child ended; starting it again in 1 s" in sentence
    assert keeper.look() is None
    assert wait_until(
        lambda: keeper.look() is None and (tmp_path / "child.log").read_text().count("lived") == 2, 20
    )
    keeper.child.stop()
