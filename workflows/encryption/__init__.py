"""Secrets at rest: key ids, rotation, binding to a place, and the `Secret` type (design.md, section 5)."""

from __future__ import annotations

from workflows.encryption.keyrings import (
    configure,
    decrypt,
    encrypt,
    generate_key,
    keyed_hash,
    keyed_hashes,
    keyring,
    needs_rewrap,
    parse_keys,
)
from workflows.encryption.secrets import Secret

__all__ = [
    "Secret",
    "configure",
    "decrypt",
    "encrypt",
    "generate_key",
    "keyed_hash",
    "keyed_hashes",
    "keyring",
    "needs_rewrap",
    "parse_keys",
]
