"""The built-in CA: a key and a chain that the caller hands in, decrypted for as long as it is needed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from workflows.connectors.authorities.contracts import Issuance, Order
from workflows.errors import InvalidInput
from workflows.pki import chains, crl, decoding, identifiers, issuing, keys
from workflows.pki.intents import RevocationIntent
from workflows.pki.issuers import Issuer


@dataclass(frozen=True)
class BuiltinAuthority:
    """Signs here; what it issued and revoked is known only to the rows that its caller writes.

    `parents` are the CAs above it, its issuer first.
    """

    issuer: Issuer
    key: keys.PrivateKey = field(repr=False)
    parents: tuple[x509.Certificate, ...] = ()

    @property
    def name(self) -> str:
        return self.issuer.name

    def issue(self, order: Order) -> Issuance:
        """Signs at once, with a new random serial number; raises KeyNotAllowed or IssuanceRefused."""
        public_key = keys.load_public(order.public_key)
        serial = identifiers.random_serial()
        prepared = issuing.prepare(order.intent, public_key, self.issuer, serial, order.now)
        chain = (self.issuer.certificate, *self.parents)
        return Issuance(
            issuing.sign(prepared, self.key), tuple(parent.public_bytes(Encoding.DER) for parent in chain)
        )

    def revoke(self, intent: RevocationIntent, certificate: bytes) -> None:
        """Takes effect with the next CRL; raises InvalidInput for a certificate that is not this CA's."""
        if intent.thumbprint != identifiers.thumbprint(certificate):
            raise InvalidInput(f"The certificate is not the one with thumbprint {intent.thumbprint}.")
        if not chains.is_issued_by(decoding.load_certificate(certificate), self.issuer.certificate):
            raise InvalidInput(f"The certificate {intent.thumbprint} was not issued by {self.name}.")

    def publish_crl(
        self,
        revocations: Iterable[crl.Revocation],
        *,
        number: int,
        this_update: datetime,
        next_update: datetime,
    ) -> bytes:
        """A complete CRL in DER."""
        return crl.sign_crl(
            self.issuer,
            self.key,
            revocations,
            number=number,
            this_update=this_update,
            next_update=next_update,
        )
