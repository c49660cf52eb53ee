"""What every CA connector offers, and what only some do."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol, runtime_checkable

from workflows.pki.crl import Revocation
from workflows.pki.intents import IssuanceIntent, RevocationIntent
from workflows.pki.signing import IssuedCertificate


@dataclass(frozen=True)
class Order:
    """One certificate to be issued.

    `public_key` is a SubjectPublicKeyInfo, also where the server made the key. `csr` (DER) is there for CAs
    that want one. `request_key` is the same for every attempt at one certificate request.
    """

    intent: IssuanceIntent
    public_key: bytes
    request_key: str
    now: datetime
    csr: bytes | None = field(default=None, repr=False)


@dataclass(frozen=True)
class Issuance:
    """A certificate and the CAs above it, issuer first, in DER."""

    certificate: IssuedCertificate
    chain: tuple[bytes, ...]


@dataclass(frozen=True)
class Pending:
    """The CA has taken the order and decides later; `reference` is its own name for it."""

    reference: str
    message: str


@runtime_checkable
class CertificateAuthority(Protocol):
    """A CA. Its methods raise DomainError; Unavailable means that trying again may help."""

    @property
    def name(self) -> str:
        r"""`host\\logical name`, as intents name it."""

    def issue(self, order: Order) -> Issuance | Pending:
        """The certificate that the order's intent describes, and no other."""

    def revoke(self, intent: RevocationIntent, certificate: bytes) -> None:
        """Tells the CA to revoke a certificate (DER) of its own, or to lift its hold."""


@runtime_checkable
class PublishesCrl(Protocol):
    """A CA whose CRL is made here."""

    def publish_crl(
        self, revocations: Iterable[Revocation], *, number: int, this_update: datetime, next_update: datetime
    ) -> bytes:
        """A complete signed CRL in DER."""


@runtime_checkable
class FindsByRequest(Protocol):
    """A CA that can be asked, after a crash, whether it has already issued for a request key."""

    def find(self, request_key: str) -> Issuance | Pending | None:
        """What became of the order, or None where it never arrived."""
