"""Parsers of single settings: text in, value out, `ValueError` with a hint for what cannot be right."""

from __future__ import annotations

import base64
import binascii
import ipaddress
import re
from collections.abc import Callable
from urllib.parse import urlsplit

_TRUE = {"1", "true", "yes", "on"}
_FALSE = {"0", "false", "no", "off"}
_HOST_NAME = re.compile(r"(\*\.|\.)?[A-Za-z0-9_]([A-Za-z0-9_-]*[A-Za-z0-9_])?(\.[A-Za-z0-9_-]+)*|\*")


def text(raw: str) -> str:
    return raw


def required(raw: str) -> str:
    if not raw:
        raise ValueError("must not be empty")
    return raw


def boolean(raw: str) -> bool:
    if raw.lower() in _TRUE:
        return True
    if raw.lower() in _FALSE:
        return False
    raise ValueError("must be true or false")


def integer(low: int, high: int) -> Callable[[str], int]:
    """A parser of whole numbers from `low` to `high`, both included."""

    def parse(raw: str) -> int:
        if not re.fullmatch(r"-?[0-9]{1,18}", raw) or not low <= int(raw) <= high:
            raise ValueError(f"must be a whole number from {low} to {high}")
        return int(raw)

    return parse


def integer_or_nothing(low: int, high: int) -> Callable[[str], int | None]:
    """A parser of whole numbers from `low` to `high`; the empty text and 0 are None."""
    number = integer(low, high)
    return lambda raw: number(raw) if raw not in ("", "0") else None


def choice(*values: str) -> Callable[[str], str]:
    """A parser that accepts one of `values`, in any case, and returns it as written here."""

    def parse(raw: str) -> str:
        for value in values:
            if value.lower() == raw.lower():
                return value
        raise ValueError(f"must be one of {', '.join(values)}")

    return parse


def choices(*values: str) -> Callable[[str], tuple[str, ...]]:
    """A parser of one or more of `values`, in any case, separated by commas."""
    one = choice(*values)
    return lambda raw: tuple(one(word) for word in words(required(raw)))


def url(*schemes: str) -> Callable[[str], str]:
    """A parser of addresses of the given schemes."""

    def parse(raw: str) -> str:
        if urlsplit(raw).scheme not in schemes:
            raise ValueError(f"must begin with {' or '.join(f'{scheme}://' for scheme in schemes)}")
        return raw

    return parse


def origin(raw: str) -> str:
    """`scheme://host[:port]` without a path: links and certificates are built on it."""
    parts = urlsplit(raw)
    if raw and (parts.scheme not in ("http", "https") or not parts.hostname or parts.path not in ("", "/")):
        raise ValueError("must look like https://countersign.example.com, without a path")
    return raw.rstrip("/")


def words(raw: str) -> tuple[str, ...]:
    return tuple(word.strip() for word in raw.split(",") if word.strip())


def host_names(raw: str) -> tuple[str, ...]:
    names = words(raw)
    for name in names:
        if not _HOST_NAME.fullmatch(name) and not _is_address(name.strip("[]")):
            raise ValueError(f"{name!r} is not a host name")
    return names


def networks_or_names(raw: str) -> tuple[str, ...]:
    """Networks in CIDR form, addresses or host names, separated by commas."""
    entries = words(raw)
    for entry in entries:
        if not _is_address(entry) and ("/" in entry or not _HOST_NAME.fullmatch(entry)):
            raise ValueError(f"{entry!r} is neither a network such as 10.1.0.0/16 nor a host name")
    return entries


def key_bytes(raw: str) -> bytes:
    try:
        value = base64.b64decode(raw, validate=True)
    except binascii.Error:
        value = b""
    if len(value) != 32:
        raise ValueError("a key must be 32 bytes in base64; `openssl rand -base64 32` makes one")
    return value


def _is_address(entry: str) -> bool:
    try:
        ipaddress.ip_network(entry, strict=False)
    except ValueError:
        return False
    return True
