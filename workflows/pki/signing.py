"""The only way to a CA's signature on a certificate: rehearse, lint, then sign the same octets."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding

from workflows.errors import IssuanceRefused
from workflows.pki import identifiers, keys


@dataclass(frozen=True)
class Prepared:
    """A certificate that was built and linted, and the key that must sign it."""

    builder: x509.CertificateBuilder
    tbs: bytes
    signer: keys.PublicKey


@dataclass(frozen=True)
class IssuedCertificate:
    """A signed certificate; the texts are upper-case hexadecimal, `thumbprint` is SHA-1."""

    der: bytes
    serial_number: str
    thumbprint: str


def rehearse(builder: x509.CertificateBuilder, signer: keys.PublicKey) -> x509.Certificate:
    """The certificate with a worthless signature of the right kind, to be linted."""
    return builder.sign(_worthless_key(isinstance(signer, rsa.RSAPublicKey)), keys.signature_hash(signer))


def accept(
    builder: x509.CertificateBuilder, rehearsal: x509.Certificate, signer: keys.PublicKey, problems: list[str]
) -> Prepared:
    """What may be signed; raises IssuanceRefused with all problems if there are any."""
    if problems:
        raise IssuanceRefused(f"The certificate was not signed: {'; '.join(problems)}.")
    return Prepared(builder, rehearsal.tbs_certificate_bytes, signer)


def sign(prepared: Prepared, key: keys.PrivateKey) -> IssuedCertificate:
    """Signs what was linted; raises IssuanceRefused if the key is not the issuer's, or the octets differ."""
    if key.public_key() != prepared.signer:
        raise IssuanceRefused("The certificate was not signed: the private key is not the CA's.")
    certificate = prepared.builder.sign(key, keys.signature_hash(key))
    if certificate.tbs_certificate_bytes != prepared.tbs:
        raise IssuanceRefused("The certificate was withheld: what was signed is not what was checked.")
    der = certificate.public_bytes(Encoding.DER)
    return IssuedCertificate(
        der, identifiers.serial_hex(certificate.serial_number), identifiers.thumbprint(der)
    )


@cache
def _worthless_key(is_rsa: bool) -> keys.PrivateKey:
    """Once a process: for the signed octets only the type matters, not the curve or the size."""
    return rsa.generate_private_key(65537, 2048) if is_rsa else ec.generate_private_key(ec.SECP256R1())
