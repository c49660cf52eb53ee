"""A CA as those see it who build what it signs: its certificate and where its files are published."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from cryptography import x509

from workflows.pki import keys
from workflows.pki.internet import uri


@dataclass(frozen=True)
class Issuer:
    r"""`name` is the CA's name in intents (`host\logical name`); raises InvalidName for a malformed URL."""

    name: str
    certificate: x509.Certificate
    crl_urls: tuple[str, ...] = ()
    certificate_urls: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for url in (*self.crl_urls, *self.certificate_urls):
            uri(url)

    @cached_property
    def public_key(self) -> keys.PublicKey:
        return keys.check(self.certificate.public_key())

    @cached_property
    def key_identifier(self) -> x509.AuthorityKeyIdentifier:
        """What its certificates and CRLs name its key by (RFC 5280, 4.2.1.1)."""
        own = self.certificate.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
        return x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(own)
