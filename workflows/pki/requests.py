"""Certificate signing requests (PKCS#10, RFC 2986): read once, checked in a fixed order, never trusted."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding

from workflows.errors import InvalidCsr, InvalidName, KeyNotAllowed
from workflows.pki import extensions, general_names, keys, names
from workflows.pki.keys import KeySpec
from workflows.pki.sans import San

# A request with an 8192-bit key and hundreds of names stays below it.
MAX_BYTES = 64 * 1024

_PEM = re.compile(r"-----BEGIN ((?:NEW )?CERTIFICATE REQUEST)-----([A-Za-z0-9+/=\s]*)-----END \1-----")
_OTHER_PEM = re.compile(r"-----BEGIN ([A-Z0-9 ]{1,40})-----")
_BASE64 = re.compile(r"[A-Za-z0-9+/\s]+={0,2}\s*")
_SOUND_HASHES = (hashes.SHA256, hashes.SHA384, hashes.SHA512)
# subjectAltPublicKeyInfo, altSignatureAlgorithm, altSignatureValue (X.509 of 2019, 9.8).
_ALTERNATIVE_KEY = frozenset({"2.5.29.72", "2.5.29.73", "2.5.29.74"})


@dataclass(frozen=True)
class ParsedRequest:
    """What a request asks for; of its extensions only the SANs count, the template decides on the others."""

    der: bytes
    subject: str
    subject_parts: dict[str, list[str]]
    sans: tuple[San, ...]
    key: KeySpec
    public_key_der: bytes
    requested_extensions: tuple[str, ...]


def parse_csr(text: str | bytes) -> ParsedRequest:
    """A request in PEM, bare base64 or DER, its signature verified and its key checked.

    Raises InvalidCsr, or KeyNotAllowed when only the key is at fault; the message says what to do.
    """
    der = to_der(text)
    with _unreadable("The CSR cannot be read as PKCS#10; make it anew."):
        csr = x509.load_der_x509_csr(der)
    key = _key(csr)
    _check_signature(csr)
    subject = _subject(csr)
    found = _extensions(csr)
    _check_single_key(csr, found)
    return ParsedRequest(
        der=der,
        subject=names.format_name(subject),
        subject_parts=names.subject_parts(subject),
        sans=_sans(found),
        key=keys.describe(key),
        public_key_der=keys.public_der(key),
        requested_extensions=tuple(extension.oid.dotted_string for extension in found),
    )


def to_der(text: str | bytes) -> bytes:
    """The request's octets, whatever wrapping it came in; raises InvalidCsr."""
    if not text:
        raise InvalidCsr("The CSR is empty.")
    if len(text) > MAX_BYTES:
        raise InvalidCsr(f"The CSR is larger than {MAX_BYTES // 1024} kB.")
    if isinstance(text, bytes):
        if text.startswith(b"\x30"):
            return text
        text = text.decode("latin-1")
    return _from_base64(_body(text))


def to_pem(der: bytes) -> str:
    """The usual text form of a request that `parse_csr` has read."""
    return x509.load_der_x509_csr(der).public_bytes(Encoding.PEM).decode()


def _body(text: str) -> str:
    pem = _PEM.search(text)
    if pem:
        return pem[2]
    other = _OTHER_PEM.search(text)
    if other:
        raise InvalidCsr(f"The text is a {other[1]}, or cut off; send one whole CERTIFICATE REQUEST in PEM.")
    if not _BASE64.fullmatch(text):
        raise InvalidCsr("The CSR is neither PEM nor base64; paste it from -----BEGIN to -----END.")
    return text


def _from_base64(body: str) -> bytes:
    compact = "".join(body.split())
    try:
        return base64.b64decode(compact, validate=True)
    except (binascii.Error, ValueError) as error:
        raise InvalidCsr("The CSR's base64 text is damaged or cut off; paste it whole.") from error


@contextmanager
def _unreadable(message: str) -> Iterator[None]:
    try:
        yield
    except extensions.UNREADABLE as error:
        raise InvalidCsr(message) from error


def _key(csr: x509.CertificateSigningRequest) -> keys.PublicKey:
    try:
        key = csr.public_key()
    except extensions.UNREADABLE as error:
        raise KeyNotAllowed("The CSR's key cannot be read; use RSA from 2048 bits, or ECC.") from error
    return keys.check(key)


def _check_signature(csr: x509.CertificateSigningRequest) -> None:
    with _unreadable("The CSR's signature uses an unknown algorithm; sign it with SHA-256."):
        algorithm = csr.signature_hash_algorithm
        is_valid = isinstance(algorithm, _SOUND_HASHES) and csr.is_signature_valid
    if not isinstance(algorithm, _SOUND_HASHES):
        used = algorithm.name.upper() if algorithm else "an unknown hash"
        raise InvalidCsr(f"The CSR is signed with {used}; make it anew with SHA-256.")
    if not is_valid:
        raise InvalidCsr("The CSR's signature does not verify: it was changed, or signed with another key.")


def _subject(csr: x509.CertificateSigningRequest) -> x509.Name:
    with _unreadable("The CSR's subject cannot be read; make it anew."):
        subject = csr.subject
    try:
        return names.checked_name(subject)
    except InvalidName as error:
        raise InvalidCsr(f"The CSR cannot be used: {error}") from error


def _extensions(csr: x509.CertificateSigningRequest) -> x509.Extensions:
    with _unreadable("The CSR's extensions cannot be read; make it anew."):
        return csr.extensions


def _check_single_key(csr: x509.CertificateSigningRequest, found: x509.Extensions) -> None:
    """A second key that would be left out of the certificate must not be asked for in vain."""
    asked = {each.oid.dotted_string for each in (*_attributes(csr), *found)}
    if asked & _ALTERNATIVE_KEY:
        raise KeyNotAllowed(
            "The CSR has an alternative (second) key, and the CA certifies none; leave it out."
        )


def _attributes(csr: x509.CertificateSigningRequest) -> Iterable[x509.Attribute]:
    """None where one has several values, which `cryptography` cannot read and nobody here needs."""
    try:
        return list(csr.attributes)
    except extensions.UNREADABLE:
        return ()


def _sans(found: x509.Extensions) -> tuple[San, ...]:
    alternative = extensions.value(found, x509.SubjectAlternativeName)
    try:
        return general_names.from_extension(alternative) if alternative else ()
    except InvalidName as error:
        raise InvalidCsr(f"The CSR cannot be used: {error}") from error
