"""Distinguished names as people type them (RFC 4514) and as certificates hold them.

The text begins with the most specific part (`CN=…,OU=…,O=…,L=…,ST=…,C=…`); the encoded name is the reverse.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from cryptography import x509
from cryptography.x509.oid import NameOID

from workflows.errors import InvalidName
from workflows.pki import attributes, texts

# Longer than any sensible subject, short enough that a hostile one costs nothing.
MAX_LENGTH = 2048

_PART = re.compile(
    r""" *(?P<type>[A-Za-z][A-Za-z0-9-]*|[0-2](?:\.[0-9]+)+)"""
    r""" *= *(?:"(?P<quoted>(?:[^"\\]|\\.)*+)"|(?P<bare>(?:[^ ,;+"\\<>]|\\.| ++(?![,;+]|$))*+))"""
    r""" *(?P<end>,|\+|;|$)"""
)
_ESCAPES = re.compile(r"((?:\\[0-9A-Fa-f]{2})+)|\\(.)")
_ESCAPABLE = frozenset(' "#+,;<=>\\')
_QUOTED_FOR = re.compile(r'[,+";<>\\]|^[# ]| $')


@lru_cache(maxsize=1024)  # an enrollment reads the same subject several times
def parse_name(text: str) -> x509.Name:
    """The name that a text means; the empty text is the empty name.

    Raises InvalidName for bad syntax, unknown attributes, several attributes in one part, values that are
    too long or hold characters that names must not hold.
    """
    text = text.strip("\t\r\n")  # not blanks: the last one may be escaped
    if len(text) > MAX_LENGTH:
        raise InvalidName(f"The subject has {len(text):,} characters; at most {MAX_LENGTH:,} are allowed.")
    parts = [attributes.build(kind, value) for kind, value in _parts(text)] if text.strip() else []
    return x509.Name(parts[::-1])


def checked_name(name: x509.Name) -> x509.Name:
    """A name from elsewhere, such as a CSR, in our own encoding; raises InvalidName as `parse_name` does."""
    parts = []
    for rdn in name.rdns:
        if len(rdn) != 1:
            raise InvalidName(_MULTI_VALUED)
        attribute = next(iter(rdn))
        if not isinstance(attribute.value, str):
            raise InvalidName(f"The subject's {attributes.label(attribute.oid)} is not text.")
        parts.append(attributes.build_oid(attribute.oid, attribute.value))
    return x509.Name(parts)


def format_name(name: x509.Name) -> str:
    """The text of any name, most specific part first; `parse_name` reads back what it accepts itself."""
    return ",".join("+".join(_formatted(attribute) for attribute in rdn) for rdn in reversed(name.rdns))


def subject_parts(name: x509.Name) -> dict[str, list[str]]:
    """The values of each part by its short name (`CN`, `O`, `OU`, `L`, `ST`, `C`, `E` …), as in the text."""
    parts: dict[str, list[str]] = {}
    for rdn in reversed(name.rdns):
        for attribute in rdn:
            parts.setdefault(attributes.label(attribute.oid), []).append(_text(attribute))
    return parts


def common_name(name: x509.Name) -> str:
    """The most specific common name, or the empty text."""
    found = name.get_attributes_for_oid(NameOID.COMMON_NAME)
    return _text(found[-1]) if found else ""


_MULTI_VALUED = (
    "The subject joins several attributes with '+'; give each its own part, or write a plus sign as '\\+'."
)


def _parts(text: str) -> Iterator[tuple[str, str]]:
    position, end = 0, ","
    while end == ",":
        match = _PART.match(text, position)
        if match is None:
            raise InvalidName(_unreadable(text, position))
        position, end = match.end(), match["end"]
        quoted, bare = match["quoted"], match["bare"]
        if quoted is None and bare.startswith("#"):
            raise InvalidName(f"The value of {match['type']} is in hexadecimal; write it as text.")
        yield match["type"], _unescape(bare if quoted is None else quoted)
    if end:
        raise InvalidName(_MULTI_VALUED if end == "+" else _unreadable(text, position - 1))


def _unreadable(text: str, position: int) -> str:
    return (
        f"The subject cannot be read at position {position + 1}: write it like "
        'CN=www.keyexample.com,O="Key Example, Inc.",C=US, with quotes around values that hold , + ; < or >.'
    )


def _unescape(value: str) -> str:
    return _ESCAPES.sub(_unescaped, value)


def _unescaped(match: re.Match[str]) -> str:
    octets, character = match.groups()
    if octets is None:
        if character not in _ESCAPABLE:
            raise InvalidName(
                f"The subject escapes '{character}', which has no meaning; write it without '\\'."
            )
        return str(character)
    try:
        return bytes.fromhex(octets.replace("\\", "")).decode()
    except UnicodeDecodeError as error:
        raise InvalidName(f"The subject's {octets} is not UTF-8.") from error


def _text(attribute: x509.NameAttribute[str | bytes]) -> str:
    value = attribute.value
    return value if isinstance(value, str) else "#" + value.hex()


def _formatted(attribute: x509.NameAttribute[str | bytes]) -> str:
    text = _text(attribute)
    if _QUOTED_FOR.search(text):
        text = '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
    return f"{attributes.label(attribute.oid)}={_visible(text)}"


def _visible(text: str) -> str:
    """Characters that `parse_name` would refuse are escaped, so that no page or log line can be forged."""
    if text.isprintable():
        return text
    return "".join(character if texts.is_plain(character) else _hex(character) for character in text)


def _hex(character: str) -> str:
    return "".join(f"\\{octet:02X}" for octet in character.encode("utf-8", "surrogatepass"))
