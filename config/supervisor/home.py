"""The data folder: who holds it, what lies where, and where sockets fit."""

from __future__ import annotations

import fcntl
import hashlib
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from config.supervisor.children import wait_until

# A socket's path may have 107 bytes on Linux and 103 on macOS; the longest name in the folder takes 14.
_LONGEST_SOCKET_FOLDER = 85


class SupervisorError(Exception):
    """Something that stops the start; the message is for the person at the terminal."""


class AlreadyRunning(SupervisorError):
    """Another supervisor holds the data folder."""


@dataclass(frozen=True)
class Home:
    """The folders below `root`, each made on first use and closed to everybody else."""

    root: Path

    @property
    def secrets(self) -> Path:
        return private_folder(self.root / "secrets")

    @property
    def logs(self) -> Path:
        return private_folder(self.root / "log")

    @property
    def run(self) -> Path:
        """Folder of the sockets: in the data folder, or below the temporary one.

        A path may be too long for a socket, and clients of PostgreSQL split a path at commas.
        """
        inside = self.root / "run"
        if len(os.fsencode(inside)) <= _LONGEST_SOCKET_FOLDER and "," not in str(inside):
            return private_folder(inside)
        return private_folder(temporary_folder(self.root))

    def lock(self) -> IO[bytes]:
        """Holds the folder until the returned file is closed. Raises AlreadyRunning when another one does.

        One that is stopping is waited for: its caller may have been killed a moment ago.
        """
        handle = (self.root / "lock").open("ab")
        if not wait_until(lambda: _locked(handle), 1) and self.stopping.exists():
            wait_until(lambda: _locked(handle), 60)
        if not _locked(handle):
            handle.close()
            raise AlreadyRunning(
                f"Countersign already runs on {self.root}. Stop it, or choose another folder with DATA=."
            )
        self.stopping.unlink(missing_ok=True)
        return handle

    @property
    def stopping(self) -> Path:
        """A file that is there while the holder of the lock stops."""
        return self.root / "stopping"


def _locked(handle: IO[bytes]) -> bool:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def open_home(root: Path) -> Home:
    """The data folder at `root`, made if it is not there."""
    try:
        root.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise SupervisorError(
            f"The data folder {root} cannot be made: {error.strerror}. Choose one with DATA=."
        ) from None
    return Home(root.resolve())


def temporary_folder(root: Path) -> Path:
    """A folder of the temporary directory that belongs to this user and this data folder."""
    mark = hashlib.sha256(os.fsencode(root)).hexdigest()[:12]
    return Path(tempfile.gettempdir()) / f"countersign-{os.geteuid()}-{mark}"


def private_folder(path: Path) -> Path:
    """`path` as a folder of mode 0700 that we own. Raises SupervisorError when somebody else made it."""
    path.mkdir(mode=0o700, exist_ok=True)
    found = path.lstat()
    if path.is_symlink() or found.st_uid != os.geteuid():
        raise SupervisorError(
            f"{path} belongs to somebody else. Remove it, or set TMPDIR to a folder of your own."
        )
    if found.st_mode & 0o077:
        path.chmod(0o700)
    return path
