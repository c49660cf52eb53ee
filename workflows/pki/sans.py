"""Subject alternative names: as requests write them and as instances show them."""

from __future__ import annotations

import enum
import ipaddress
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from cryptography.x509.oid import ObjectIdentifier

from workflows.errors import InvalidName
from workflows.pki import internet, texts

# More than any certificate needs; keeps certificates, pages and checks small.
MAX_COUNT = 500


class SanKind(enum.Enum):
    """A supported kind: its key on the wire, its heading in an instance's data, its code in answers."""

    DNS = ("dns", "DNS Name", 2)
    IP4 = ("ip4", "IPv4 Address", 7)
    IP6 = ("ip6", "IPv6 Address", 7)
    MAIL = ("rfc822", "Email", 1)
    URI = ("uri", "URI", 6)
    UPN = ("ms_ntprincipalname", "User Principal Name", 100)
    REGISTERED_ID = ("registeredid", "Registered ID", 8)

    def __init__(self, key: str, heading: str, code: int) -> None:
        self.key = key
        self.heading = heading
        self.code = code


@dataclass(frozen=True)
class San:
    """One name in its canonical text, made by `san`."""

    kind: SanKind
    value: str

    def __str__(self) -> str:
        return f"{self.kind.key}:{self.value}"


_KINDS = tuple(SanKind)
_BY_KEY = {kind.key: kind for kind in _KINDS}
_BY_HEADING = {kind.heading: kind for kind in _KINDS}


def san(key: str, value: str) -> San:
    """One name from its key on the wire (any case; `ip` takes both versions); raises InvalidName."""
    if not isinstance(value, str):
        raise InvalidName(f"The SANs of type {key[:40]!r} must be a list of texts.")
    if key.lower() == "ip":
        address = _address(value)
        return San(SanKind.IP4 if address.version == 4 else SanKind.IP6, str(address))
    check_key(key)
    kind = _BY_KEY[key.lower()]
    return San(kind, _canonical(kind, value))


def check_key(key: str) -> None:
    """Raises InvalidName for a type of names that there is not."""
    if key.lower() != "ip" and key.lower() not in _BY_KEY:
        raise InvalidName(
            f"SANs of type {key[:40]!r} are not supported; use one of ip, {', '.join(_BY_KEY)}."
        )


def parse_sans(groups: Mapping[str, Sequence[str] | None]) -> tuple[San, ...]:
    """The names of a request's `SANs` object (key to list of values), canonical; raises InvalidName."""
    for key, values in groups.items():
        if not isinstance(values, list | tuple | None):
            raise InvalidName(f"The SANs of type {key[:40]!r} must be a list of texts.")
    return canonical(san(key, value) for key, values in groups.items() for value in values or ())


def canonical(sans: Iterable[San]) -> tuple[San, ...]:
    """The names once each, by kind and then by value, so that equal sets have equal bytes."""
    names = tuple(sorted(set(sans), key=lambda name: (_KINDS.index(name.kind), name.value)))
    if len(names) > MAX_COUNT:
        raise InvalidName(f"The request has {len(names):,} SANs; at most {MAX_COUNT} are allowed.")
    return names


def keyed(sans: Iterable[San]) -> dict[str, list[str]]:
    """The names as a request writes them; `parse_sans` reads them back."""
    groups: dict[str, list[str]] = {}
    for name in sans:
        groups.setdefault(name.kind.key, []).append(name.value)
    return groups


def grouped(sans: Iterable[San]) -> dict[str, dict[str, str]]:
    """The names as an instance's data shows them: `{"DNS Name": {"Entry 1": "www.keyexample.com"}}`."""
    groups: dict[str, dict[str, str]] = {}
    for name in sans:
        entries = groups.setdefault(name.kind.heading, {})
        entries[f"Entry {len(entries) + 1}"] = name.value
    return groups


def parse_grouped(groups: object) -> tuple[San, ...]:
    """The names of an instance's data, which steps may have changed at will; raises InvalidName."""
    match groups:
        case None:
            return ()
        case dict() if all(isinstance(entries, dict) for entries in groups.values()):
            keys = {heading: _key(heading) for heading in groups}
            return canonical(
                san(keys[heading], value) for heading in groups for value in groups[heading].values()
            )
    raise InvalidName(
        'SANs must be groups of entries, such as {"DNS Name": {"Entry 1": "www.keyexample.com"}}.'
    )


def _key(heading: str) -> str:
    kind = _BY_HEADING.get(heading)
    if kind is None:
        raise InvalidName(f"{heading[:40]!r} is no group of SANs; use {', '.join(_BY_HEADING)}.")
    return kind.key


def _canonical(kind: SanKind, value: str) -> str:
    match kind:
        case SanKind.DNS:
            return internet.dns_name(value)
        case SanKind.IP4 | SanKind.IP6:
            return _address_of(kind, value)
        case SanKind.MAIL:
            return internet.mailbox(value)
        case SanKind.URI:
            return internet.uri(value)
        case SanKind.UPN:
            return _principal_name(value)
        case SanKind.REGISTERED_ID:
            return _oid(value).dotted_string


def _address(value: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
    try:
        address = ipaddress.ip_address(value.strip())
    except ValueError as error:
        raise InvalidName(f"{value[:60]!r} is not an IP address.") from error
    if isinstance(address, ipaddress.IPv6Address) and address.scope_id:
        raise InvalidName(f"The IP address {address} must not name a network interface.")
    return address


def _address_of(kind: SanKind, value: str) -> str:
    address = _address(value)
    if (address.version == 4) != (kind is SanKind.IP4):
        raise InvalidName(
            f"{address} is an IPv{address.version} address; give it as ip or ip{address.version}."
        )
    return str(address)


def _principal_name(value: str) -> str:
    name = texts.clean(value, "user principal name", limit=256)
    user, _, domain = name.rpartition("@")
    if not user or not domain:
        raise InvalidName(f"The user principal name '{name}' is not of the form user@domain.")
    return name


def _oid(value: str) -> ObjectIdentifier:
    try:
        return ObjectIdentifier(value.strip())
    except ValueError as error:
        raise InvalidName(
            f"{value[:60]!r} is not an object identifier, such as 1.3.6.1.4.1.32473.1."
        ) from error
