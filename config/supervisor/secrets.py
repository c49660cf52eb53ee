"""The secrets of a first start: made once, each in a file of mode 0600 in `DATA/secrets`."""

from __future__ import annotations

import base64
import os
import secrets
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from config import env
from config.supervisor.home import Home
from workflows.encryption import generate_key


def secret(path: Path, make: Callable[[], str]) -> str:
    """The content of `path`, made with `make` on the first call; written whole or not at all."""
    if not path.exists():
        write(path, make())
    return path.read_text(encoding="utf-8").strip()


def write(path: Path, value: str) -> None:
    """Replaces `path` by a file of mode 0600 that holds `value`."""
    fresh = path.with_name(f"{path.name}.new")
    fresh.unlink(missing_ok=True)
    with os.fdopen(
        os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8"
    ) as file:
        file.write(value + "\n")
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)


def make_missing(home: Home, environ: Mapping[str, str] = os.environ) -> None:
    """Makes the keys that the environment does not give, where `config.env` looks for them."""
    for setting, make in _MADE.items():
        if not setting.is_given(environ):
            secret(home.secrets / env.file_name(setting), make)


def _key() -> str:
    return base64.b64encode(secrets.token_bytes(32)).decode()


_MADE: dict[env.Setting[Any], Callable[[], str]] = {
    env.SECRET_KEY: lambda: secrets.token_urlsafe(50),
    env.KEY_ENCRYPTION_KEYS: lambda: generate_key("first"),
    env.AUDIT_KEY: _key,
}
