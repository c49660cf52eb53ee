"""Files that certificates are handed out in: PEM, PKCS#7, PKCS#12, ZIP."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping, Sequence

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    KeySerializationEncryption,
    PrivateFormat,
    pkcs7,
    pkcs12,
)

from workflows.errors import InvalidInput
from workflows.pki import names
from workflows.pki.keys import PrivateKey

# Each guess of a password costs that many rounds; opening the file takes tens of milliseconds.
_ROUNDS = 100_000
# What old importers were written against.
_LEGACY_ROUNDS = 2048


def to_pem(certificates: Sequence[x509.Certificate], *, with_subjects: bool = False) -> str:
    """The certificates one after the other, each below its subject and issuer if asked for."""
    return "".join(_pem(certificate, with_subjects) for certificate in certificates)


def to_pkcs7(certificates: Sequence[x509.Certificate], encoding: Encoding = Encoding.DER) -> bytes:
    """A `.p7b` without signatures; its certificates are a set and have no order."""
    return pkcs7.serialize_certificates(list(certificates), encoding)


def to_pkcs12(
    key: PrivateKey,
    chain: Sequence[x509.Certificate],
    password: str,
    *,
    friendly_name: str = "",
    legacy: bool = False,
) -> bytes:
    """A `.pfx` of a key and its chain, end entity first; the name defaults to the common name.

    AES-256 with SHA-256 (RFC 8018), or 3DES with SHA-1 for importers that know nothing else. Raises
    InvalidInput without a password.
    """
    if not password:
        raise InvalidInput("A PKCS#12 file needs a password.")
    name = friendly_name or names.common_name(chain[0].subject)
    return pkcs12.serialize_key_and_certificates(
        name.encode() or None, key, chain[0], list(chain[1:]) or None, _encryption(password, legacy=legacy)
    )


def to_zip(key: PrivateKey, chain: Sequence[x509.Certificate], password: str) -> bytes:
    """A `.zip` of PEM files: the certificate, its chain, and the key encrypted with the password (PKCS#8)."""
    if not password:
        raise InvalidInput("The private key needs a password.")
    encryption = BestAvailableEncryption(password.encode())
    files = {
        "certificate.pem": to_pem(chain[:1]).encode(),
        "chain.pem": to_pem(chain[1:]).encode(),
        "key.pem": key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, encryption),
    }
    return _zipped(files)


def _pem(certificate: x509.Certificate, with_subject: bool) -> str:
    pem = certificate.public_bytes(Encoding.PEM).decode()
    if not with_subject:
        return pem
    subject, issuer = names.format_name(certificate.subject), names.format_name(certificate.issuer)
    return f"Subject: {subject}\nIssuer: {issuer}\n{pem}"


def _encryption(password: str, *, legacy: bool) -> KeySerializationEncryption:
    builder = PrivateFormat.PKCS12.encryption_builder()
    if legacy:
        builder = builder.kdf_rounds(_LEGACY_ROUNDS).hmac_hash(hashes.SHA1())  # noqa: S303 (what legacy means)
        builder = builder.key_cert_algorithm(pkcs12.PBES.PBESv1SHA1And3KeyTripleDESCBC)
    else:
        builder = builder.kdf_rounds(_ROUNDS).hmac_hash(hashes.SHA256())
        builder = builder.key_cert_algorithm(pkcs12.PBES.PBESv2SHA256AndAES256CBC)
    return builder.build(password.encode())


def _zipped(files: Mapping[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return buffer.getvalue()
