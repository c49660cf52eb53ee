"""A last look at what is about to be signed: rules of RFC 5280, and whether it is what was intended.

It reads the encoded certificate back instead of believing what built it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from cryptography import x509

from workflows.pki import extensions, general_names, identifiers, keys, names, usages
from workflows.pki.intents import IssuanceIntent
from workflows.pki.usages import KeyUsage

_SOUND_HASHES = ("sha256", "sha384", "sha512")


def problems(certificate: x509.Certificate, issuer: x509.Certificate) -> list[str]:
    """Every broken rule in words; `issuer` is the certificate itself where it is self-signed."""
    return [
        *_body(certificate),
        *_validity(certificate, issuer),
        *_issuer(certificate, issuer),
        *_purposes(certificate),
    ]


def differences(certificate: x509.Certificate, intent: IssuanceIntent) -> list[str]:
    """Every point where an end-entity certificate is not what was intended."""
    is_and_should = _contents(certificate, intent)
    return [
        f"the {what} would not be as intended"
        for what, (is_, should) in is_and_should.items()
        if is_ != should
    ]


def _body(certificate: x509.Certificate) -> Iterator[str]:
    serial, algorithm = certificate.serial_number, certificate.signature_hash_algorithm
    if certificate.version is not x509.Version.v3:
        yield "the version must be 3"
    if serial <= 0 or not identifiers.MIN_SERIAL_BITS <= serial.bit_length() <= identifiers.MAX_SERIAL_BITS:
        yield "the serial number must be positive, random and of at most 20 octets"
    if algorithm is None or algorithm.name not in _SOUND_HASHES:
        yield "the signature must use SHA-256 or stronger"
    if extensions.value(certificate.extensions, x509.SubjectKeyIdentifier) is None:
        yield "the subject key identifier is missing"


def _validity(certificate: x509.Certificate, issuer: x509.Certificate) -> Iterator[str]:
    if certificate.not_valid_before_utc >= certificate.not_valid_after_utc:
        yield "the validity must not end before it begins"
    if certificate.not_valid_before_utc < issuer.not_valid_before_utc:
        yield "the validity must not begin before the issuer's"
    if certificate.not_valid_after_utc > issuer.not_valid_after_utc:
        yield "the validity must not end after the issuer's"


def _issuer(certificate: x509.Certificate, issuer: x509.Certificate) -> Iterator[str]:
    named = extensions.value(certificate.extensions, x509.AuthorityKeyIdentifier)
    own = extensions.value(issuer.extensions, x509.SubjectKeyIdentifier)
    if certificate.issuer.public_bytes() != issuer.subject.public_bytes():
        yield "the issuer's name must be the subject of its certificate, octet by octet"
    if named is None and certificate is not issuer:
        yield "the authority key identifier is missing"
    if named and (own is None or named.key_identifier != own.digest):
        yield "the authority key identifier must be the issuer's"


def _purposes(certificate: x509.Certificate) -> Iterator[str]:
    constraints = extensions.find(certificate.extensions, x509.BasicConstraints)
    usage = extensions.find(certificate.extensions, x509.KeyUsage)
    alternative = extensions.find(certificate.extensions, x509.SubjectAlternativeName)
    if not (constraints and usage and constraints.critical and usage.critical):
        yield "basic constraints and key usage must be there and critical"
    elif constraints.value.ca != usage.value.key_cert_sign:
        yield "exactly CAs may sign certificates"
    if not certificate.subject.rdns and not (alternative and alternative.critical):
        yield "without a subject there must be critical SANs"


def _contents(certificate: x509.Certificate, intent: IssuanceIntent) -> dict[str, tuple[Any, Any]]:
    found = certificate.extensions
    usage = extensions.value(found, x509.KeyUsage)
    alternative = extensions.value(found, x509.SubjectAlternativeName)
    key = keys.check(certificate.public_key())
    return {
        "subject": (names.format_name(certificate.subject), intent.subject),
        "SANs": (general_names.from_extension(alternative) if alternative else (), intent.sans),
        "key usage": (usages.from_extension(usage) if usage else KeyUsage(0), intent.key_usages),
        "purposes": (_oids(extensions.value(found, x509.ExtendedKeyUsage)), intent.extended_key_usages),
        "policies": (_policies(extensions.value(found, x509.CertificatePolicies)), intent.policies),
        "type of key": (keys.describe(key), intent.key),
        "key": (keys.public_der(key), intent.public_key or keys.public_der(key)),
    }


def _oids(purposes: x509.ExtendedKeyUsage | None) -> tuple[str, ...]:
    return tuple(oid.dotted_string for oid in purposes or ())


def _policies(policies: x509.CertificatePolicies | None) -> tuple[str, ...]:
    return tuple(policy.policy_identifier.dotted_string for policy in policies or ())
