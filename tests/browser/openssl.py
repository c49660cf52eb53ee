"""OpenSSL as requesters and everybody else use it."""

from __future__ import annotations

import subprocess
import tempfile
from pathlib import Path


def openssl(*arguments: str) -> str:
    command = ["openssl", *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def make_request(folder: Path, common_name: str) -> str:
    """A CSR in PEM, also for the DNS name if it is one; its key is `folder/key.pem`."""
    names = ["-addext", f"subjectAltName=DNS:{common_name}"] if common_name.endswith(".com") else []
    return openssl(
        *("req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-noenc"),
        *("-keyout", str(folder / "key.pem")),
        *("-utf8", "-subj", f"/CN={common_name}", *names),
    )


def any_request(common_name: str) -> str:
    """A CSR whose key nobody needs."""
    with tempfile.TemporaryDirectory() as folder:
        return make_request(Path(folder), common_name)
