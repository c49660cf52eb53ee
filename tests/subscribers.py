"""Subscriptions of tests, and the receiver's side of the signature as the specification describes it."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Sequence
from typing import Any

from tests.connectors.servers import HttpServer, Seen
from workflows.access.actors import TIMER_SERVICE
from workflows.actions import subscriptions
from workflows.encryption import Secret
from workflows.models import Subscription

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


def subscribe(
    site: HttpServer | None = None,
    path: str = "/hook",
    changes: Sequence[int] = subscriptions.CHANGES,
    **fields: Any,
) -> Subscription:
    """Told of everything at `path` unless asked otherwise."""
    url = f"http://127.0.0.1:{site.port if site else 9}{path}"
    values = {
        "name": f"Told at {path}",
        "url": url,
        "secret": Secret(SECRET),
        "changes": changes,
        "enabled": True,
    }
    return subscriptions.create(actor=TIMER_SERVICE, **(values | fields))


def is_genuine(seen: Seen, secret: str = SECRET) -> bool:
    """Whether the message was signed with the secret."""
    key = base64.b64decode(secret.removeprefix("whsec_"))
    head = [seen.headers["webhook-id"].encode(), seen.headers["webhook-timestamp"].encode()]
    digest = hmac.new(key, b".".join([*head, seen.body]), hashlib.sha256).digest()
    return f"v1,{base64.b64encode(digest).decode()}" in seen.headers["webhook-signature"].split(" ")
