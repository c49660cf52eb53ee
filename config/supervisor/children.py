"""A child process: started in a session of its own, tied to our life, stopped in good order."""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

_PR_SET_PDEATHSIG = 1
_LARGEST_LOG = 20 * 2**20
# Loaded here: between fork and exec is no place to load a library.
_libc = ctypes.CDLL(None) if sys.platform == "linux" else None


class Child:
    """One process of ours with its log file.

    `stop_signal` asks it to end, `last_signal` follows after `grace` seconds, `orphan_signal` is what the
    kernel sends it when we die without a word (Linux).
    """

    def __init__(
        self,
        name: str,
        command: Sequence[str],
        *,
        log: Path,
        environ: Mapping[str, str],
        stop_signal: signal.Signals = signal.SIGTERM,
        last_signal: signal.Signals = signal.SIGKILL,
        orphan_signal: signal.Signals = signal.SIGKILL,
        grace: float = 15.0,
        cwd: Path | None = None,
        user: int | None = None,
    ) -> None:
        self.name = name
        self.command = list(command)
        self.log = log
        self.environ = dict(environ)
        self.stop_signal = stop_signal
        self.last_signal = last_signal
        self.orphan_signal = orphan_signal
        self.grace = grace
        self.cwd = cwd
        self.user = user
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Starts the process; its output is appended to the log."""
        if self.log.exists() and self.log.stat().st_size > _LARGEST_LOG:
            self.log.replace(self.log.with_suffix(".old.log"))
        with self.log.open("ab") as output:
            self.process = subprocess.Popen(
                self.command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                env=self.environ,
                cwd=self.cwd,
                start_new_session=True,
                preexec_fn=tie_to_parent(self.orphan_signal),  # noqa: PLW1509  # one thread only
                user=self.user,
                group=self.user,
                extra_groups=[] if self.user is not None else None,
            )

    def is_alive(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def stop(self) -> None:
        """Asks, waits, insists. Returns when the process has ended."""
        if self.process is None or not self.is_alive():
            return
        for number in (self.stop_signal, self.last_signal, signal.SIGKILL):
            self.process.send_signal(number)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(self.grace)
                return

    def last_words(self, lines: int = 15) -> str:
        """The end of its log, for the person at the terminal."""
        if not self.log.exists():
            return ""
        return "\n".join(self.log.read_text(encoding="utf-8", errors="replace").splitlines()[-lines:])


def tie_to_parent(number: signal.Signals) -> Callable[[], None]:
    """For `preexec_fn`: the kernel sends `number` to the child when this process dies (Linux only)."""
    parent = os.getpid()

    def tie() -> None:
        for key in (signal.SIGINT, signal.SIGQUIT):  # a shell's `&` ignores them, and so would the child
            signal.signal(key, signal.SIG_DFL)
        end_with_parent(number)
        if os.getppid() != parent:  # we died before the kernel knew what to do then
            os._exit(1)

    return tie


def end_with_parent(number: signal.Signals) -> None:
    """Lets the kernel send us `number` when the process that started us dies (Linux only)."""
    if _libc is not None:
        _libc.prctl(_PR_SET_PDEATHSIG, int(number))


def wait_until(condition: Callable[[], bool], seconds: float, pause: float = 0.02) -> bool:
    """Whether `condition` came true within `seconds`."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() >= deadline:
            return False
        time.sleep(pause)
    return True
