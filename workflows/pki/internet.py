"""Host names, mailboxes and URIs as certificates may hold them (RFC 5280, section 4.2.1.6)."""

from __future__ import annotations

import ipaddress
import re
from encodings import idna
from urllib.parse import urlsplit

from workflows.errors import InvalidName
from workflows.pki import texts

_LABEL = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")
_LOCAL_PART = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
_URI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:(?:[A-Za-z0-9._~:/?#\[\]@!$&'()*+,;=-]|%[0-9A-Fa-f]{2})+")
_A_LABEL = "xn--"
_MAX_HOST = 253  # RFC 1035, 2.3.4: 255 octets on the wire


def dns_name(text: str) -> str:
    """A host name in lower case with A-labels; only its first label may be `*`. Raises InvalidName."""
    name = texts.clean(text, "DNS name", limit=4 * _MAX_HOST)
    labels = name.split(".")
    wildcard = ["*"] if labels[0] == "*" else []
    checked = wildcard + [_label(label, name) for label in labels[len(wildcard) :]]
    if wildcard and len(checked) < 3:
        raise InvalidName(
            f"The wildcard '{name}' covers too much; name a domain below it, as in *.keyexample.com."
        )
    if checked[-1].isdigit():
        raise InvalidName(f"'{name}' is not a DNS name; give an address as an IP address.")
    return _within_limit(".".join(checked))


def mailbox(text: str, what: str = "e-mail address") -> str:
    """An address `name@host` with the host in lower case (RFC 5321, 4.1.2); raises InvalidName."""
    address = texts.clean(text, what, limit=254)
    local, at, host = address.rpartition("@")
    if not at or len(local) > 64 or not _LOCAL_PART.fullmatch(local):
        raise InvalidName(
            f"The {what} '{address}' is not of the form name@host with ASCII characters in the name."
        )
    if "*" in host:
        raise InvalidName(f"The {what} '{address}' must name one host.")
    return f"{local}@{dns_name(host)}"


def uri(text: str) -> str:
    """An absolute URI of ASCII characters; a host in it must be well formed. Raises InvalidName."""
    text = texts.clean(text, "URI", limit=2048)
    if not _URI.fullmatch(text):
        raise InvalidName(
            f"'{text}' is not an absolute URI; begin with a scheme and percent-encode other characters."
        )
    try:
        parts = urlsplit(text)
        _ = parts.port
    except ValueError as error:
        raise InvalidName(f"The host or port of the URI '{text}' cannot be read.") from error
    if text.partition(":")[2].startswith("//"):
        _check_host(parts.hostname or "", text)
    return text


def _check_host(host: str, uri: str) -> None:
    if not host or "*" in host:
        raise InvalidName(f"The URI '{uri}' must name one host.")
    try:
        ipaddress.ip_address(host)
    except ValueError:
        dns_name(host)


def _label(label: str, name: str) -> str:
    encoded = label.lower() if label.isascii() else _to_a_label(label, name)
    if not _LABEL.fullmatch(encoded) or not _is_sound(encoded):
        raise InvalidName(
            f"The DNS name '{name}' has the label '{label}', which is not well formed (RFC 1034, 3.5)."
        )
    return encoded


def _to_a_label(label: str, name: str) -> str:
    """Refuses labels that IDNA versions encode differently (such as one with an eszett): no guess is safe."""
    try:
        encoded = idna.ToASCII(label).decode().lower()
        if idna.ToUnicode(encoded) == label.lower():
            return encoded
    except UnicodeError:
        pass
    raise InvalidName(
        f"The label '{label}' of '{name}' has no single encoding; write it as an A-label (xn--…)."
    )


def _is_sound(label: str) -> bool:
    """Two hyphens in third place are reserved for A-labels (RFC 5891, 4.2.3.1), which must decode."""
    if label[2:4] != "--":
        return True
    if not label.startswith(_A_LABEL):
        return False
    encoded = label.removeprefix(_A_LABEL)
    try:
        decoded = encoded.encode().decode("punycode")
        return not decoded.isascii() and decoded.encode("punycode").decode() == encoded
    except UnicodeError:
        return False


def _within_limit(name: str) -> str:
    if len(name) > _MAX_HOST:
        raise InvalidName(
            f"The DNS name '{name[:40]}…' has {len(name)} characters; at most {_MAX_HOST} are allowed."
        )
    return name
