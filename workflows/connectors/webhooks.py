"""Signed messages by Standard Webhooks (standardwebhooks.com, specification 1.0)."""

from __future__ import annotations

import base64
import binascii
import hmac
from dataclasses import dataclass, field
from datetime import datetime

from workflows.connectors import http
from workflows.connectors.addresses import OutboundPolicy
from workflows.connectors.http import HttpAnswer, HttpCall
from workflows.connectors.http_hops import first_hop
from workflows.encryption import Secret
from workflows.errors import AddressRefused

PREFIX = "whsec_"


def key_of(secret: Secret[str]) -> bytes | None:
    """The key behind `whsec_` and base64; None unless it has 24 to 64 octets."""
    text = secret.reveal().strip().removeprefix(PREFIX)
    try:
        key = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None
    return key if 24 <= len(key) <= 64 else None


def check_url(url: str, policy: OutboundPolicy) -> None:
    """Raises InvalidInput when no message could be sent there, AddressRefused while the policy forbids it."""
    host = first_hop(HttpCall(url=url, method="POST")).url.host
    if not policy.permits_written(host):
        raise AddressRefused(
            f"The outbound settings do not allow {host}; an administrator may add it to "
            "OUTBOUND_ALLOW_PRIVATE."
        )


@dataclass(frozen=True)
class Message:
    """A JSON body; `identifier` is the same for every attempt, so the receiver knows a repetition."""

    url: str = field(repr=False)
    body: bytes = field(repr=False)
    key: bytes = field(repr=False)
    identifier: str
    timeout: float  # seconds


def post(message: Message, now: datetime, policy: OutboundPolicy) -> HttpAnswer:
    """Sign and send; redirects are not followed. Raises as `http.send` does; any status is an answer."""
    moment = str(int(now.timestamp()))
    headers = (
        ("Content-Type", "application/json"),
        ("webhook-id", message.identifier),
        ("webhook-timestamp", moment),
        ("webhook-signature", sign(message.key, message.identifier, moment, message.body)),
    )
    call = HttpCall(
        url=message.url,
        method="POST",
        headers=headers,
        body=message.body,
        timeout=message.timeout,
        redirect_limit=0,
    )
    return http.send(call, policy)


def sign(key: bytes, identifier: str, moment: str, body: bytes) -> str:
    """`v1,` and the base64 of HMAC-SHA256 over id, timestamp and body, joined by dots."""
    digest = hmac.digest(key, f"{identifier}.{moment}.".encode() + body, "sha256")
    return f"v1,{base64.b64encode(digest).decode()}"
