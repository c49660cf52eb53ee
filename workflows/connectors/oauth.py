"""OAuth 2.0 access tokens by client credentials (RFC 6749, 4.4), kept until shortly before their end."""

from __future__ import annotations

import hashlib
import json
import re
import threading
import time
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from workflows.connectors import http
from workflows.connectors.addresses import OutboundPolicy
from workflows.connectors.http import HttpAnswer, HttpCall
from workflows.encryption import Secret
from workflows.errors import OutsideCallFailed

MARGIN = 60.0  # seconds before its end from which a token is not used any more
MOST_KEPT = 1000
_ERROR = re.compile(r"[a-z_]{1,64}")  # the codes of RFC 6749, 5.2; other text may hold anything
_TOKEN = re.compile(r"[\x21-\x7e]+")  # RFC 6749, A.12, less the blank


@dataclass(frozen=True)
class Client:
    """Who asks where for what; `audience` is sent to the servers that want one."""

    endpoint: str
    client_id: str
    secret: Secret[str] = field(repr=False)
    scope: str = ""
    audience: str = ""

    @property
    def key(self) -> bytes:
        """Equal only for clients that are equal in everything, the secret among it."""
        parts = (self.endpoint, self.client_id, self.secret.reveal(), self.scope, self.audience)
        return hashlib.sha256(json.dumps(parts).encode()).digest()


@dataclass(frozen=True)
class _Kept:
    token: Secret[str]
    until: float  # of the monotonic clock


_kept: dict[bytes, _Kept] = {}
_lock = threading.Lock()


def token(client: Client, policy: OutboundPolicy, *, timeout: float) -> Secret[str]:
    """An access token, kept or fetched; raises OutsideCallFailed, InvalidInput and AddressRefused."""
    with _lock:
        kept = _kept.get(client.key)
    if kept is not None and kept.until > time.monotonic():
        return kept.token
    return _fetch(client, policy, timeout)


def forget(client: Client) -> None:
    """Do not use the kept token again: a server has refused it."""
    with _lock:
        _kept.pop(client.key, None)


def _fetch(client: Client, policy: OutboundPolicy, timeout: float) -> Secret[str]:
    asked = time.monotonic()
    answer = _members(http.send(_request(client, timeout), policy))
    text = answer.get("access_token")
    if not isinstance(text, str) or not _TOKEN.fullmatch(text):
        raise OutsideCallFailed("the token server's answer holds no access token", retryable=False)
    if str(answer.get("token_type", "")).lower() != "bearer":
        raise OutsideCallFailed("the token server gave a token that is no bearer token", retryable=False)
    _keep(client.key, _Kept(Secret(text), asked + _lifetime(answer) - MARGIN))
    return Secret(text)


def _request(client: Client, timeout: float) -> HttpCall:
    fields = {
        "grant_type": "client_credentials",
        "client_id": client.client_id,
        "client_secret": client.secret.reveal(),
        "scope": client.scope,
        "audience": client.audience,
    }
    return HttpCall(
        url=client.endpoint,
        method="POST",
        headers=(("Content-Type", "application/x-www-form-urlencoded"), ("Accept", "application/json")),
        body=urlencode({name: value for name, value in fields.items() if value}).encode(),
        timeout=timeout,
        byte_limit=64 * 1024,
        redirect_limit=0,  # the secret goes nowhere else
    )


def _members(answer: HttpAnswer) -> dict[str, Any]:
    try:
        members = json.loads(answer.body)
    except (ValueError, RecursionError):
        members = None
    known = members if isinstance(members, dict) else {}
    if answer.status != 200:
        code = str(known.get("error", ""))
        reason = f" ({code})" if _ERROR.fullmatch(code) else ""
        text = f"the token server answered {answer.status}{reason}"
        raise OutsideCallFailed(text, retryable=answer.status == 429 or answer.status >= 500)
    return known


def _lifetime(answer: dict[str, Any]) -> float:
    """Seconds; 0, so that it is not kept, where the server does not say (RFC 6749, 5.1)."""
    try:
        return min(float(answer.get("expires_in", 0)), 86_400.0)
    except (TypeError, ValueError):
        return 0.0


def _keep(key: bytes, kept: _Kept) -> None:
    now = time.monotonic()
    with _lock:
        if len(_kept) >= MOST_KEPT:
            for old in [each for each, one in _kept.items() if one.until <= now] or list(_kept):
                del _kept[old]
        if kept.until > now:
            _kept[key] = kept
