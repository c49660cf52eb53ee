"""What a key may be used for (RFC 5280, sections 4.2.1.3 and 4.2.1.12)."""

from __future__ import annotations

import enum
from collections.abc import Iterable

from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID, ObjectIdentifier

from workflows.errors import InvalidInput


class KeyUsage(enum.IntFlag):
    """The bits with the numbers of the wire; their names are those of `DetailedKeyUsage`."""

    EncipherOnly = 0x01
    CrlSign = 0x02
    KeyCertSign = 0x04
    KeyAgreement = 0x08
    DataEncipherment = 0x10
    KeyEncipherment = 0x20
    NonRepudiation = 0x40
    DigitalSignature = 0x80
    DecipherOnly = 0x8000


_BY_NAME = {name.lower(): usage for name, usage in KeyUsage.__members__.items()}

EXTENDED_NAMES = {
    ExtendedKeyUsageOID.SERVER_AUTH.dotted_string: "Server Authentication",
    ExtendedKeyUsageOID.CLIENT_AUTH.dotted_string: "Client Authentication",
    ExtendedKeyUsageOID.CODE_SIGNING.dotted_string: "Code Signing",
    ExtendedKeyUsageOID.EMAIL_PROTECTION.dotted_string: "Secure Email",
    ExtendedKeyUsageOID.TIME_STAMPING.dotted_string: "Time Stamping",
    ExtendedKeyUsageOID.OCSP_SIGNING.dotted_string: "OCSP Signing",
    ExtendedKeyUsageOID.SMARTCARD_LOGON.dotted_string: "Smart Card Logon",
    ExtendedKeyUsageOID.KERBEROS_PKINIT_KDC.dotted_string: "KDC Authentication",
    ExtendedKeyUsageOID.IPSEC_IKE.dotted_string: "IP Security IKE Intermediate",
    ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE.dotted_string: "Any Purpose",
}


def key_usage(names: Iterable[str]) -> KeyUsage:
    """The bits of a list of names such as `DigitalSignature` or `digital_signature`; raises InvalidInput."""
    usages = KeyUsage(0)
    for name in names:
        usage = _BY_NAME.get(name.lower().replace("_", ""))
        if usage is None:
            raise InvalidInput(f"'{name}' is not a key usage; use {', '.join(KeyUsage.__members__)}.")
        usages |= usage
    return usages


def to_extension(usages: KeyUsage) -> x509.KeyUsage:
    """The extension's value; EncipherOnly and DecipherOnly mean something only with KeyAgreement."""
    return x509.KeyUsage(
        digital_signature=KeyUsage.DigitalSignature in usages,
        content_commitment=KeyUsage.NonRepudiation in usages,
        key_encipherment=KeyUsage.KeyEncipherment in usages,
        data_encipherment=KeyUsage.DataEncipherment in usages,
        key_agreement=KeyUsage.KeyAgreement in usages,
        key_cert_sign=KeyUsage.KeyCertSign in usages,
        crl_sign=KeyUsage.CrlSign in usages,
        encipher_only=KeyUsage.EncipherOnly in usages,
        decipher_only=KeyUsage.DecipherOnly in usages,
    )


def from_extension(extension: x509.KeyUsage) -> KeyUsage:
    """The bits of an extension."""
    agrees = extension.key_agreement
    present = {
        KeyUsage.DigitalSignature: extension.digital_signature,
        KeyUsage.NonRepudiation: extension.content_commitment,
        KeyUsage.KeyEncipherment: extension.key_encipherment,
        KeyUsage.DataEncipherment: extension.data_encipherment,
        KeyUsage.KeyAgreement: agrees,
        KeyUsage.KeyCertSign: extension.key_cert_sign,
        KeyUsage.CrlSign: extension.crl_sign,
        KeyUsage.EncipherOnly: agrees and extension.encipher_only,
        KeyUsage.DecipherOnly: agrees and extension.decipher_only,
    }
    return KeyUsage(sum(usage for usage, is_set in present.items() if is_set))


def detailed(usages: KeyUsage) -> dict[str, bool | str]:
    """The wire's `DetailedKeyUsage`: each bit by name, and all of them as `HexCode`."""
    return {name: usage in usages for name, usage in KeyUsage.__members__.items()} | {
        "HexCode": f"{usages:x}"
    }


def extended_name(oid: str) -> str:
    """The name that people know a purpose by, or its number."""
    return EXTENDED_NAMES.get(oid, oid)


def extended_extension(oids: Iterable[str]) -> x509.ExtendedKeyUsage:
    """The extension's value."""
    return x509.ExtendedKeyUsage([ObjectIdentifier(oid) for oid in oids])
