"""Attributes of distinguished names: their short names, limits and character sets (RFC 5280, appendix A)."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from cryptography import x509
from cryptography.x509.oid import NameOID, ObjectIdentifier

from workflows.errors import InvalidName
from workflows.pki import internet, texts

# RFC 5280, A.1: what a PrintableString may hold.
_PRINTABLE = re.compile(r"[A-Za-z0-9 '()+,./:=?-]*")


def _any(value: str, _what: str) -> str:
    return value


def _printable(value: str, what: str) -> str:
    if not _PRINTABLE.fullmatch(value):
        raise InvalidName(f"The {what} may hold only letters, digits, blanks and ' ( ) + , - . / : = ?")
    return value


def _ascii(value: str, what: str) -> str:
    if not value.isascii():
        raise InvalidName(f"The {what} may hold only ASCII characters.")
    return value


def _country(value: str, what: str) -> str:
    if not (len(value) == 2 and value.isascii() and value.isalpha()):
        raise InvalidName(f"The {what} must be a code of two letters, such as US.")
    return value.upper()


@dataclass(frozen=True)
class Attribute:
    """One kind of attribute; `limit` counts octets, `canonical` checks a value and gives its one form."""

    label: str
    oid: ObjectIdentifier
    limit: int
    description: str
    canonical: Callable[[str, str], str] = _any


_KNOWN = (
    Attribute("CN", NameOID.COMMON_NAME, 64, "common name"),
    Attribute("O", NameOID.ORGANIZATION_NAME, 64, "organization"),
    Attribute("OU", NameOID.ORGANIZATIONAL_UNIT_NAME, 64, "organizational unit"),
    Attribute("L", NameOID.LOCALITY_NAME, 128, "locality"),
    Attribute("ST", NameOID.STATE_OR_PROVINCE_NAME, 128, "state or province"),
    Attribute("C", NameOID.COUNTRY_NAME, 2, "country", _country),
    Attribute("E", NameOID.EMAIL_ADDRESS, 255, "e-mail address", internet.mailbox),
    Attribute("DC", NameOID.DOMAIN_COMPONENT, 63, "domain component", _ascii),
    Attribute("UID", NameOID.USER_ID, 256, "user id"),
    Attribute("SERIALNUMBER", NameOID.SERIAL_NUMBER, 64, "serial number", _printable),
    Attribute("STREET", NameOID.STREET_ADDRESS, 128, "street"),
    Attribute("POSTALCODE", NameOID.POSTAL_CODE, 40, "postal code"),
    Attribute("T", NameOID.TITLE, 64, "title"),
    Attribute("G", NameOID.GIVEN_NAME, 64, "given name"),
    Attribute("SN", NameOID.SURNAME, 64, "surname"),
)
_LABELS = ", ".join(attribute.label for attribute in _KNOWN)
_BY_OID = {attribute.oid: attribute for attribute in _KNOWN}
_BY_LABEL = {attribute.label: attribute for attribute in _KNOWN} | {
    alias: _BY_OID[oid]
    for alias, oid in {
        "COMMONNAME": NameOID.COMMON_NAME,
        "EMAIL": NameOID.EMAIL_ADDRESS,
        "EMAILADDRESS": NameOID.EMAIL_ADDRESS,
        "GIVENNAME": NameOID.GIVEN_NAME,
        "GN": NameOID.GIVEN_NAME,
        "S": NameOID.STATE_OR_PROVINCE_NAME,
        "SP": NameOID.STATE_OR_PROVINCE_NAME,
        "SURNAME": NameOID.SURNAME,
        "TITLE": NameOID.TITLE,
    }.items()
}


def label(oid: ObjectIdentifier) -> str:
    """The short name of an attribute, or its dotted number."""
    known = _BY_OID.get(oid)
    return known.label if known else oid.dotted_string


def build(kind: str, value: str) -> x509.NameAttribute[str]:
    """An attribute from its short name in any case, or its dotted number; raises InvalidName."""
    return build_oid(oid_of(kind), value)


def oid_of(kind: str) -> ObjectIdentifier:
    """The kind of attribute that a short name in any case, or a dotted number, means; raises InvalidName."""
    if kind[:1].isdigit():
        return _oid(kind)
    known = _BY_LABEL.get(kind.upper())
    if known is None:
        raise InvalidName(f"The subject has an unknown part '{kind}'; known are {_LABELS}.")
    return known.oid


def build_oid(oid: ObjectIdentifier, value: str) -> x509.NameAttribute[str]:
    """An attribute with a checked value; raises InvalidName."""
    known = _BY_OID.get(oid) or Attribute(oid.dotted_string, oid, 255, "part")
    what = f"{known.description} ({known.label}) of the subject"
    value = texts.clean(value, what, limit=known.limit)
    return x509.NameAttribute(oid, known.canonical(value, what))


def _oid(dotted: str) -> ObjectIdentifier:
    try:
        return ObjectIdentifier(dotted)
    except ValueError as error:
        raise InvalidName(f"The subject's part {dotted} is not an object identifier.") from error
