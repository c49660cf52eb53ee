"""What an earlier life of PostgreSQL left: a server nobody supervises, or a pid that was given away since."""

from __future__ import annotations

import os
import signal
import subprocess
from pathlib import Path

from config.supervisor.children import wait_until


def end_leftover(folder: Path) -> None:
    """Before a start: stops a server that outlived its supervisor, forgets a pid of another program.

    Only the holder of the data folder's lock may call it. PostgreSQL itself believes a pid file that
    names any living process of its user, and would refuse to start for ever.
    """
    file = folder / "postmaster.pid"
    try:
        pid = int(file.read_text().split()[0])
    except (FileNotFoundError, ValueError, IndexError):
        file.unlink(missing_ok=True)
        return
    for number in (signal.SIGINT, signal.SIGQUIT, signal.SIGKILL):
        if not _is_postgres(pid, folder):
            break
        os.kill(pid, number)
        wait_until(lambda: not _is_postgres(pid, folder), seconds=10)
    if _exists(pid):
        file.unlink(missing_ok=True)


def _is_postgres(pid: int, folder: Path) -> bool:
    """Whether `pid` is a PostgreSQL server on `folder`; a zombie has no command line and is none."""
    process = Path(f"/proc/{pid}/cmdline")
    if Path("/proc/self").exists():
        command = process.read_text(errors="replace").split("\0") if process.exists() else []
        return str(folder) in command and Path(command[0]).name == "postgres"
    output = subprocess.run(
        ["ps", "-ww", "-o", "args=", "-p", str(pid)], capture_output=True, text=True, check=False
    )
    return "postgres" in output.stdout and str(folder) in output.stdout


def _exists(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
