"""Subject alternative names as certificates hold them (GeneralNames, RFC 5280, section 4.2.1.6)."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable

from cryptography import x509
from cryptography.x509.oid import ObjectIdentifier

from workflows.errors import InvalidName
from workflows.pki.sans import San, SanKind, canonical, san

# Microsoft's user principal name, a UTF8String in an otherName.
UPN_OID = ObjectIdentifier("1.3.6.1.4.1.311.20.2.3")


def to_extension(sans: Iterable[San]) -> x509.SubjectAlternativeName:
    """The extension's value."""
    return x509.SubjectAlternativeName([_to_general_name(name) for name in sans])


def from_extension(extension: x509.SubjectAlternativeName) -> tuple[San, ...]:
    """The canonical names of an extension; raises InvalidName for kinds that we do not issue."""
    return canonical(from_general_name(name) for name in extension)


def from_general_name(name: x509.GeneralName) -> San:
    """One name of an extension; raises InvalidName for kinds that we do not issue."""
    match name:
        case x509.DNSName(value=value):
            return san("dns", value)
        case x509.IPAddress(value=ipaddress.IPv4Address() | ipaddress.IPv6Address() as address):
            return san("ip", str(address))
        case x509.RFC822Name(value=value):
            return san("rfc822", value)
        case x509.UniformResourceIdentifier(value=value):
            return san("uri", value)
        case x509.RegisteredID(value=oid):
            return san("registeredid", oid.dotted_string)
        case x509.OtherName(type_id=oid, value=der) if oid == UPN_OID:
            return san("ms_ntprincipalname", _from_utf8_string(der))
    raise InvalidName(f"SANs of type {type(name).__name__} are not supported; leave them out.")


def _to_general_name(name: San) -> x509.GeneralName:
    match name.kind:
        case SanKind.DNS:
            return x509.DNSName(name.value)
        case SanKind.IP4 | SanKind.IP6:
            return x509.IPAddress(ipaddress.ip_address(name.value))
        case SanKind.MAIL:
            return x509.RFC822Name(name.value)
        case SanKind.URI:
            return x509.UniformResourceIdentifier(name.value)
        case SanKind.UPN:
            return x509.OtherName(UPN_OID, _to_utf8_string(name.value))
        case SanKind.REGISTERED_ID:
            return x509.RegisteredID(ObjectIdentifier(name.value))


# A DER UTF8String of at most 256 octets: tag 12, a length of one octet, or of two or three from 128 on.


def _to_utf8_string(text: str) -> bytes:
    octets = text.encode()
    size = len(octets)
    length = bytes([size]) if size < 128 else b"\x81" + bytes([size]) if size < 256 else b"\x82\x01\x00"
    return b"\x0c" + length + octets


def _from_utf8_string(der: bytes) -> str:
    for header in (2, 3, 4):
        text = der[header:].decode(errors="replace")
        if der == _to_utf8_string(text):
            return text
    raise InvalidName("A user principal name among the SANs is not a UTF8String of at most 256 bytes.")
