"""Any certificate, also a stranger's, as the API and the portal show it."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed448, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import SignatureAlgorithmOID

from workflows.errors import InvalidInput, InvalidName, KeyNotAllowed
from workflows.pki import extensions, general_names, identifiers, keys, names, usages
from workflows.pki.sans import SanKind
from workflows.pki.usages import KeyUsage

# Names of `workflows.vocabulary.enrollment.KeyType`.
_KEY_TYPES = {
    rsa.RSAPublicKey: "RSA",
    dsa.DSAPublicKey: "DSA",
    ec.EllipticCurvePublicKey: "ECC",
    ed448.Ed448PublicKey: "Ed448",
    ed25519.Ed25519PublicKey: "Ed25519",
}

# The reference does not publish its texts; these are the usual ones of its kind. Others show as OID.
_ALGORITHMS = {
    getattr(SignatureAlgorithmOID, f"{scheme}_WITH_{digest}"): f"{digest.replace('SHA', 'SHA-')}with{scheme}"
    for scheme in ("RSA", "ECDSA", "DSA")
    for digest in ("SHA1", "SHA256", "SHA384", "SHA512")
} | {
    SignatureAlgorithmOID.ED25519: "Ed25519",
    SignatureAlgorithmOID.ED448: "Ed448",
    SignatureAlgorithmOID.RSASSA_PSS: "RSASSA-PSS",
    SignatureAlgorithmOID.RSA_WITH_MD5: "MD5withRSA",
}

# Kinds of SAN by their numbers on the wire; 100 is a principal name.
_SAN_TYPES = {
    x509.OtherName: 0,
    x509.RFC822Name: 1,
    x509.DNSName: 2,
    x509.DirectoryName: 4,
    x509.UniformResourceIdentifier: 6,
    x509.IPAddress: 7,
    x509.RegisteredID: 8,
}


@dataclass(frozen=True)
class KeyDescription:
    """`type` is a name of the vocabulary's KeyType; `curve` is an OID, or a name where it has none here."""

    type: str
    bits: int
    curve: str | None


@dataclass(frozen=True)
class AlternativeName:
    """A SAN with the number of its kind on the wire."""

    type: int
    value: str


@dataclass(frozen=True)
class Purpose:
    """An extended key usage."""

    oid: str
    name: str


@dataclass(frozen=True)
class CertificateDescription:
    """What a certificate says. Numbers in texts are upper-case hexadecimal, `thumbprint` is SHA-1.

    Without `has_readable_extensions` everything that stands in extensions is empty.
    """

    der: bytes
    serial_number: str
    thumbprint: str
    thumbprint_sha256: str
    subject: str
    common_name: str
    organizational_unit: str
    email: str
    issuer: str
    not_before: datetime
    not_after: datetime
    key: KeyDescription
    signing_algorithm: str
    key_usage: KeyUsage
    purposes: tuple[Purpose, ...]
    alternative_names: tuple[AlternativeName, ...]
    crl_urls: tuple[str, ...]
    is_authority: bool
    has_readable_extensions: bool


def load_certificate(data: str | bytes) -> x509.Certificate:
    """A certificate in PEM, bare base64 or DER; raises InvalidInput."""
    try:
        octets = data.encode("ascii") if isinstance(data, str) else data
        if b"-----BEGIN" in octets:
            return x509.load_pem_x509_certificate(octets)
        if not octets.startswith(b"\x30"):
            octets = base64.b64decode(b"".join(octets.split()), validate=True)
        return x509.load_der_x509_certificate(octets)
    except (*extensions.UNREADABLE, binascii.Error) as error:
        raise InvalidInput("This is not an X.509 certificate in PEM, base64 or DER.") from error


def load_chain(pem: str) -> tuple[x509.Certificate, ...]:
    """All certificates of a PEM text, in its order; raises InvalidInput."""
    try:
        return tuple(x509.load_pem_x509_certificates(pem.encode("ascii")))
    except extensions.UNREADABLE as error:
        raise InvalidInput("These are not X.509 certificates in PEM.") from error


def describe_certificate(data: str | bytes) -> CertificateDescription:
    """What a certificate says; raises InvalidInput if it is none, or its names cannot be read."""
    certificate = load_certificate(data)
    try:
        return _described(certificate)
    except extensions.UNREADABLE as error:
        raise InvalidInput("The certificate's names cannot be read.") from error


def _described(certificate: x509.Certificate) -> CertificateDescription:
    found, is_readable = _extensions(certificate)
    der = certificate.public_bytes(Encoding.DER)
    parts = names.subject_parts(certificate.subject)
    alternative = _alternative_names(extensions.value(found, x509.SubjectAlternativeName))
    mails = parts.get("E", []) + [name.value for name in alternative if name.type == SanKind.MAIL.code]
    usage = extensions.value(found, x509.KeyUsage)
    constraints = extensions.value(found, x509.BasicConstraints)
    algorithm = certificate.signature_algorithm_oid
    return CertificateDescription(
        der=der,
        serial_number=identifiers.serial_hex(certificate.serial_number),
        thumbprint=identifiers.thumbprint(der),
        thumbprint_sha256=identifiers.sha256_thumbprint(der),
        subject=names.format_name(certificate.subject),
        common_name=names.common_name(certificate.subject),
        organizational_unit=", ".join(parts.get("OU", [])),
        email=mails[0] if mails else "",
        issuer=names.format_name(certificate.issuer),
        not_before=certificate.not_valid_before_utc,
        not_after=certificate.not_valid_after_utc,
        key=_key(certificate),
        signing_algorithm=_ALGORITHMS.get(algorithm, algorithm.dotted_string),
        key_usage=usages.from_extension(usage) if usage else KeyUsage(0),
        purposes=_purposes(extensions.value(found, x509.ExtendedKeyUsage)),
        alternative_names=alternative,
        crl_urls=_crl_urls(extensions.value(found, x509.CRLDistributionPoints)),
        is_authority=bool(constraints and constraints.ca),
        has_readable_extensions=is_readable,
    )


def _extensions(certificate: x509.Certificate) -> tuple[x509.Extensions, bool]:
    try:
        return certificate.extensions, True
    except extensions.UNREADABLE:
        return x509.Extensions([]), False


def _key(certificate: x509.Certificate) -> KeyDescription:
    try:
        key = certificate.public_key()
    except extensions.UNREADABLE:
        return KeyDescription("Unknown", 0, None)
    kind = next((name for key_type, name in _KEY_TYPES.items() if isinstance(key, key_type)), "Unknown")
    return KeyDescription(kind, getattr(key, "key_size", 0), _curve(key))


def _curve(key: object) -> str | None:
    if not isinstance(key, ec.EllipticCurvePublicKey):
        return None
    try:
        return keys.describe(key).curve_oid
    except KeyNotAllowed:
        return key.curve.name


def _purposes(extension: x509.ExtendedKeyUsage | None) -> tuple[Purpose, ...]:
    return tuple(
        Purpose(oid.dotted_string, usages.extended_name(oid.dotted_string)) for oid in extension or ()
    )


def _crl_urls(points: Iterable[x509.DistributionPoint] | None) -> tuple[str, ...]:
    places = [place for point in points or () for place in point.full_name or ()]
    return tuple(place.value for place in places if isinstance(place, x509.UniformResourceIdentifier))


def _alternative_names(extension: x509.SubjectAlternativeName | None) -> tuple[AlternativeName, ...]:
    return tuple(_alternative_name(name) for name in extension or ())


def _alternative_name(name: x509.GeneralName) -> AlternativeName:
    try:
        known = general_names.from_general_name(name)
        return AlternativeName(known.kind.code, known.value)
    except InvalidName:
        return AlternativeName(_SAN_TYPES[type(name)], _foreign_text(name))


def _foreign_text(name: x509.GeneralName) -> str:
    match name.value:
        case x509.Name() as value:
            return names.format_name(value)
        case bytes() as value:
            return value.hex()
        case value:
            return str(value)
