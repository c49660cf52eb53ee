"""OpenSSL as requesters and everybody else use it."""

from __future__ import annotations

import subprocess
import tempfile
from pathlib import Path


def openssl(*arguments: str) -> str:
    command = ["openssl", *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def make_request(folder: Path, common_name: str) -> str:
    """A CSR in PEM; its key is `folder/key.pem`."""
    return openssl(
        *("req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-noenc"),
        *("-keyout", str(folder / "key.pem")),
        *("-subj", f"/CN={common_name}", "-addext", f"subjectAltName=DNS:{common_name}"),
    )


def any_request(common_name: str) -> str:
    """A CSR whose key nobody needs."""
    with tempfile.TemporaryDirectory() as folder:
        return make_request(Path(folder), common_name)
