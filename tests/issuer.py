"""A real OpenID Connect provider in a process of its own, on loopback."""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import httpx2

from config.supervisor.children import wait_until
from tests.product import free_port

PERSON = {"sub": "of-the-issuer", "email": "requester@example.com", "email_verified": True}


@contextlib.contextmanager
def running_issuer() -> Iterator[str]:
    """Its address; any client and any secret is welcome, PKCE is checked."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    command = [sys.executable, "-W", "ignore", "-m", "oidc_provider_mock", "--port", str(port)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        assert wait_until(lambda: process.poll() is not None or _answers(url), 60, pause=0.1)
        assert process.poll() is None
        yield url
    finally:
        process.terminate()
        process.wait(30)


def knows(url: str, claims: dict[str, Any]) -> str:
    """Makes the issuer vouch for somebody; returns his subject there."""
    subject = str(claims["sub"])
    body = json.dumps({name: value for name, value in claims.items() if name != "sub"})
    answer = httpx2.put(
        f"{url}/users/{subject}",
        content=body,
        headers={"Content-Type": "application/json"},
        trust_env=False,
    )
    answer.raise_for_status()
    return subject


def consent(address: str, **fields: str) -> str:
    """What a person does at the issuer's page; returns where it sends the browser."""
    answer = httpx2.post(address, data=fields, trust_env=False)
    assert answer.status_code == 302, answer.text
    return answer.headers["Location"]


def _answers(url: str) -> bool:
    try:
        return httpx2.get(f"{url}/.well-known/openid-configuration", trust_env=False).status_code == 200
    except httpx2.HTTPError:
        return False
