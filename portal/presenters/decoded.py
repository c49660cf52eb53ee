"""Signing requests and certificates as people read them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from workflows.errors import KeyNotAllowed
from workflows.pki import decoding
from workflows.pki.decoding import AlternativeName, CertificateDescription, KeyDescription
from workflows.pki.keys import curve_spec
from workflows.pki.requests import parse_csr
from workflows.pki.sans import San, SanKind, grouped
from workflows.pki.usages import KeyUsage, extended_name

# Names of SAN kinds by their number on the wire.
_SAN_NAMES = {kind.code: kind.heading for kind in SanKind} | {4: "Directory Name", 0: "Other"}


@dataclass(frozen=True)
class Part:
    label: str
    value: Any
    kind: str = ""


@dataclass(frozen=True)
class SanGroup:
    heading: str
    values: tuple[str, ...]


def request(text: str) -> list[Part]:
    """What a signing request asks for; raises DomainError when it cannot be read."""
    parsed = parse_csr(text)
    return [
        Part(_("Subject"), parsed.subject, "dn"),
        *(Part(group.heading, list(group.values)) for group in san_groups(parsed.sans)),
        Part(_("Key"), str(parsed.key)),
    ]


def certificate(text: str | bytes) -> list[Part]:
    """What a certificate says; raises DomainError when it cannot be read."""
    found = decoding.describe_certificate(text)
    return [
        Part(_("Subject"), found.subject, "dn"),
        Part(_("Issuer"), found.issuer, "dn"),
        *(Part(heading, values) for heading, values in alternative_names(found).items()),
        Part(_("Valid from"), found.not_before),
        Part(_("Valid until"), found.not_after),
        Part(_("Serial Number"), found.serial_number, "hex"),
        Part(_("Thumbprint (SHA-1)"), found.thumbprint, "hex"),
        Part(_("Thumbprint (SHA-256)"), found.thumbprint_sha256, "hex"),
        Part(_("Key"), described_key(found.key)),
        Part(_("Key usage"), usage_names(found.key_usage)),
        Part(_("Purposes"), [purpose.name for purpose in found.purposes]),
        Part(_("Signature"), found.signing_algorithm),
        Part(_("CRL"), list(found.crl_urls)),
    ]


def san_groups(sans: Iterable[San]) -> list[SanGroup]:
    return [SanGroup(heading, tuple(entries.values())) for heading, entries in grouped(sans).items()]


def alternative_names(found: CertificateDescription) -> Mapping[str, list[str]]:
    """The SANs of a certificate by the name of their kind."""
    groups: dict[str, list[str]] = {}
    for name in found.alternative_names:
        groups.setdefault(_san_heading(name), []).append(name.value)
    return groups


def _san_heading(name: AlternativeName) -> str:
    """Both versions of IP addresses have the same number."""
    if name.type == SanKind.IP4.code:
        return SanKind.IP6.heading if ":" in name.value else SanKind.IP4.heading
    return _SAN_NAMES.get(name.type, str(name.type))


def described_key(key: KeyDescription) -> str:
    """`RSA 2048` or `ECC P-256`, as a KeySpec says it, for the key of any certificate."""
    if key.curve is None:
        return f"{key.type} {key.bits}"
    try:
        return str(curve_spec(key.curve))
    except KeyNotAllowed:
        return f"ECC {key.curve}"


def usage_names(usages: KeyUsage) -> list[str]:
    """`Digital Signature` and so on."""
    return [_USAGE_NAMES[usage] for usage in usages]


def purpose_names(oids: Iterable[str]) -> list[str]:
    return [extended_name(oid) for oid in oids]


_USAGE_NAMES = {
    KeyUsage.EncipherOnly: "Encipher Only",
    KeyUsage.CrlSign: "CRL Sign",
    KeyUsage.KeyCertSign: "Key Certificate Sign",
    KeyUsage.KeyAgreement: "Key Agreement",
    KeyUsage.DataEncipherment: "Data Encipherment",
    KeyUsage.KeyEncipherment: "Key Encipherment",
    KeyUsage.NonRepudiation: "Non-Repudiation",
    KeyUsage.DigitalSignature: "Digital Signature",
    KeyUsage.DecipherOnly: "Decipher Only",
}
