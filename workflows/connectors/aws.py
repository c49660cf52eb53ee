"""Requests to AWS, signed by Signature Version 4, over the guarded connections.

Source: AWS General Reference, "Signature Version 4 signing process". Written out because the whole of it is
some hashes, while the vendor's library would bring connections of its own, past our guard.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import quote, urlsplit

from workflows.encryption import Secret

ALGORITHM = "AWS4-HMAC-SHA256"


@dataclass(frozen=True)
class Credentials:
    access_key: str
    secret_key: Secret[str] = field(repr=False)
    session_token: Secret[str] | None = field(default=None, repr=False)


@dataclass(frozen=True)
class AwsRequest:
    """A request without query; `path` is not yet percent-encoded."""

    endpoint: str  # scheme and host, and the port where it is not the scheme's
    path: str
    headers: Mapping[str, str]
    body: bytes = field(repr=False)
    region: str
    service: str
    method: str = "POST"

    @property
    def url(self) -> str:
        return f"{self.endpoint}{_encoded(self.path)}"


def signed(request: AwsRequest, credentials: Credentials, now: datetime) -> dict[str, str | Secret[str]]:
    """The request's headers and those that sign it; `now` is in UTC."""
    moment = f"{now:%Y%m%dT%H%M%SZ}"
    headers = {name.lower(): value.strip() for name, value in request.headers.items()}
    headers |= {"x-amz-date": moment}
    token = credentials.session_token
    known = headers | ({"x-amz-security-token": token.reveal()} if token else {})
    scope = f"{moment[:8]}/{request.region}/{request.service}/aws4_request"
    names = ";".join(sorted({*known, "host"}))
    text = "\n".join([ALGORITHM, moment, scope, _hash(_canonical(request, known, names).encode())])
    signature = hmac.new(_key(credentials, scope), text.encode(), "sha256").hexdigest()
    return {
        **headers,
        **({"x-amz-security-token": token} if token else {}),
        "authorization": f"{ALGORITHM} Credential={credentials.access_key}/{scope}, "
        f"SignedHeaders={names}, Signature={signature}",
    }


def _canonical(request: AwsRequest, headers: Mapping[str, str], names: str) -> str:
    """The canonical request. Its path is encoded once more than on the wire, as all but S3 want it."""
    values = {**headers, "host": urlsplit(request.endpoint).netloc}
    lines = [f"{name}:{values[name]}" for name in names.split(";")]
    path = _encoded(_encoded(request.path))
    return "\n".join([request.method, path, "", *lines, "", names, _hash(request.body)])


def _key(credentials: Credentials, scope: str) -> bytes:
    key = f"AWS4{credentials.secret_key.reveal()}".encode()
    for part in scope.split("/"):
        key = hmac.digest(key, part.encode(), "sha256")
    return key


def _encoded(path: str) -> str:
    return quote(path, safe="/-_.~")


def _hash(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
