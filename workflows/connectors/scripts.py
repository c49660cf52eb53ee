"""Running a script by the installation's runner: JSON in, JSON out, nothing else shared.

The runner is a command that somebody set up with care (another user, no network, …). It gets no shell, no
environment and no files of ours; it is killed at the deadline and when its answer grows too large.
"""

from __future__ import annotations

import contextlib
import json
import os
import select
import shlex
import shutil
import signal
import subprocess
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import IO, Any, cast

from workflows.connectors.outbound import Deadline
from workflows.errors import ExpressionFailed, OutsideCallFailed

BYTE_LIMIT = 512 * 1024  # of the answer: half of what the data may hold
BUSY = 75  # EX_TEMPFAIL of sysexits.h: the runner asks to be called again later
CHUNK = 65_536


@dataclass(frozen=True)
class ScriptCall:
    script: str = field(repr=False)
    parameters: Mapping[str, Any] = field(repr=False)
    cmdlets: tuple[str, ...] | None  # all that it may use, in constrained language mode; None: no such limit
    timeout: float  # seconds


def is_there(command: str) -> bool:
    """Whether `run` could start it: a file that may be executed, at its path or on the default one."""
    try:
        words = shlex.split(command)
    except ValueError:
        return False
    return bool(words) and shutil.which(words[0], path=os.defpath) is not None


def run(command: str, call: ScriptCall) -> dict[str, Any]:
    """The object that the script returns.

    Raises ExpressionFailed with the script's whole error text, OutsideCallFailed when it came to no end.
    """
    deadline = Deadline(call.timeout)
    request = {"Script": call.script, "Parameters": call.parameters, "AllowedCmdlets": call.cmdlets}
    process = _start(command)
    try:
        output = _exchange(process, json.dumps(request).encode(), deadline)
        status = process.wait(deadline.left())
    except (TimeoutError, subprocess.TimeoutExpired):
        raise OutsideCallFailed(
            f"the script did not end within {call.timeout:g} s", retryable=False
        ) from None
    finally:
        _end(process)
    return _result(output, status)


def _start(command: str) -> subprocess.Popen[bytes]:
    try:
        return subprocess.Popen(
            shlex.split(command),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={},
            cwd="/",
            start_new_session=True,
        )
    except (OSError, ValueError, IndexError):
        raise OutsideCallFailed("the command of SCRIPT_RUNNER cannot be started", retryable=False) from None


def _exchange(process: subprocess.Popen[bytes], request: bytes, deadline: Deadline) -> bytes:
    """Send all and read all; each goes on while the other waits."""
    threading.Thread(target=_send, args=(process.stdin, request), daemon=True).start()
    return _read(cast("IO[bytes]", process.stdout).fileno(), deadline)


def _read(source: int, deadline: Deadline) -> bytes:
    poll, output = select.poll(), bytearray()
    poll.register(source, select.POLLIN | select.POLLHUP)
    while poll.poll(deadline.left() * 1000):
        chunk = os.read(source, CHUNK)
        if not chunk:
            return bytes(output)
        output += chunk
        if len(output) > BYTE_LIMIT:
            raise OutsideCallFailed(f"the script's answer is larger than {BYTE_LIMIT} bytes", retryable=False)
    raise TimeoutError


def _send(pipe: IO[bytes], request: bytes) -> None:
    with contextlib.suppress(OSError), pipe:  # a runner that has read enough may close it
        pipe.write(request)


def _end(process: subprocess.Popen[bytes]) -> None:
    """Kill what still runs. A runner of another user is told by its closed pipes."""
    if process.returncode is None:
        with contextlib.suppress(OSError):
            os.killpg(process.pid, signal.SIGKILL)
    if process.stdout is not None:
        process.stdout.close()
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(1)


def _result(output: bytes, status: int) -> dict[str, Any]:
    if status != 0:
        raise OutsideCallFailed(f"the script runner ended with status {status}", retryable=status == BUSY)
    try:
        answer = json.loads(output)
    except (ValueError, RecursionError):
        answer = None
    if not isinstance(answer, dict) or not answer.keys() & {"Result", "Error"}:
        raise OutsideCallFailed("the script runner's answer is none that we know", retryable=False)
    if answer.get("Error"):
        raise ExpressionFailed(str(answer["Error"]))
    result = answer.get("Result") or {}
    if not isinstance(result, dict):
        raise ExpressionFailed("The script must return one hashtable.")
    return result
