"""Reading one extension where it may be absent, or the whole structure unreadable."""

from __future__ import annotations

from typing import TypeVar, cast

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm

# What `cryptography` raises for a structure that it cannot read.
UNREADABLE = (
    ValueError,
    TypeError,
    UnsupportedAlgorithm,
    x509.DuplicateExtension,
    x509.InvalidVersion,
    x509.UnsupportedGeneralNameType,
)

Kind = TypeVar("Kind", bound=x509.ExtensionType)


def find(extensions: x509.Extensions, kind: type[Kind]) -> x509.Extension[Kind] | None:
    """The extension of one kind with its criticality, or None."""
    for extension in extensions:
        if isinstance(extension.value, kind):
            return cast("x509.Extension[Kind]", extension)
    return None


def value(extensions: x509.Extensions, kind: type[Kind]) -> Kind | None:
    """The value of one kind, or None."""
    found = find(extensions, kind)
    return found.value if found else None
