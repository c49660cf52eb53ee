"""Encryption of columns with AES-256-GCM (NIST SP 800-38D) and keyed hashes, both by one ring of keys.

A ciphertext is `format | length of key id | key id | nonce | sealed bytes`. The bytes before the
nonce and the place (table, row, field) are authenticated with it: a value copied to another row does not
decrypt there.
Hashes use a key of their own for each purpose (HKDF, RFC 5869).
"""

from __future__ import annotations

import base64
import binascii
import hmac
import json
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from workflows.encryption.secrets import Secret
from workflows.errors import SecretUnreadable, Unavailable

Row = int | str | UUID

_FORMAT = 1
_KEY_BYTES = 32
_NONCE_BYTES = 12  # random: safe for 2**32 values a key (SP 800-38D, 8.3), far above what a ring ever seals
_KEY_ID = re.compile(r"[A-Za-z0-9_.-]{1,32}")


@dataclass(frozen=True)
class Keyring:
    """Keys by id, of 32 bytes each; the first encrypts, all of them decrypt."""

    keys: Mapping[str, Secret[bytes]]

    @property
    def primary(self) -> str:
        return next(iter(self.keys))

    def derive(self, key_id: str, purpose: str) -> bytes:
        """32 bytes for one purpose; nobody can tell the key, or the bytes for another purpose, from them."""
        kdf = HKDF(SHA256(), _KEY_BYTES, salt=None, info=f"countersign:{purpose}".encode())
        return kdf.derive(self.keys[key_id].reveal())

    def cipher(self, key_id: str) -> AESGCM:
        return AESGCM(self.derive(key_id, "at-rest"))


_configured: list[Keyring] = []  # none or one


def configure(keys: str | Mapping[str, bytes]) -> None:
    """Sets the ring of this process, by settings text or parsed; ValueError when it cannot be right."""
    parsed = parse_keys(keys) if isinstance(keys, str) else keys
    _configured[:] = [Keyring({key_id: Secret(key) for key_id, key in parsed.items()})]


def keyring() -> Keyring:
    """The ring of this process; raises Unavailable before `configure`."""
    if not _configured:
        raise Unavailable("No keys for secrets at rest are configured: set KEY_ENCRYPTION_KEYS.")
    return _configured[0]


def parse_keys(text: str) -> dict[str, bytes]:
    """Reads `id:base64,id:base64`, 32 bytes each; ValueError names the entry's number, never its text."""
    keys: dict[str, bytes] = {}
    for number, entry in enumerate(filter(None, map(str.strip, text.split(","))), start=1):
        key_id, _, encoded = entry.partition(":")
        if not _KEY_ID.fullmatch(key_id) or key_id in keys:
            raise ValueError(
                f"key {number} needs an id of its own, of letters, digits, '.', '_', '-': id:base64"
            )
        keys[key_id] = _key(encoded, number)
    if not keys:
        raise ValueError("must hold at least one id:base64 pair")
    return keys


def _key(encoded: str, number: int) -> bytes:
    try:
        key = base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if len(key) != _KEY_BYTES:
        raise ValueError(f"key {number} must be 32 bytes in base64; `openssl rand -base64 32` makes one")
    return key


def generate_key(key_id: str) -> str:
    """A new entry `id:base64` for the settings."""
    return f"{key_id}:{base64.b64encode(os.urandom(_KEY_BYTES)).decode()}"


def encrypt(plaintext: bytes, *, table: str, row: Row, field: str) -> bytes:
    """The ciphertext of `plaintext`, under the first key and readable only for this place."""
    ring = keyring()
    header = _header(ring.primary)
    nonce = os.urandom(_NONCE_BYTES)
    sealed = ring.cipher(ring.primary).encrypt(nonce, plaintext, _bound(header, table, row, field))
    return header + nonce + sealed


def decrypt(ciphertext: bytes | memoryview, *, table: str, row: Row, field: str) -> bytes:
    """The plaintext; raises SecretUnreadable for an unknown key, another place or changed bytes."""
    place = f"{table}.{field} of row {row}"
    header, key_id, rest = _split(bytes(ciphertext), place)
    ring = keyring()
    if key_id not in ring.keys:
        raise SecretUnreadable(
            f"The secret in {place} needs the key {key_id!r}: add it to KEY_ENCRYPTION_KEYS, as the last."
        )
    nonce, sealed = rest[:_NONCE_BYTES], rest[_NONCE_BYTES:]
    try:
        return ring.cipher(key_id).decrypt(nonce, sealed, _bound(header, table, row, field))
    except (InvalidTag, ValueError):
        raise SecretUnreadable(
            f"The secret in {place} was written for another place or with another key {key_id!r}, or changed."
        ) from None


def needs_rewrap(ciphertext: bytes | memoryview) -> bool:
    """True when a key other than the first sealed it: decrypt and encrypt it again, then that key may go."""
    _, key_id, _ = _split(bytes(ciphertext), "the column")
    return key_id != keyring().primary


def keyed_hash(purpose: str, data: bytes) -> bytes:
    """HMAC-SHA256 (32 bytes) under the first key, with a key of its own for each purpose."""
    ring = keyring()
    return _hmac(ring, ring.primary, purpose, data)


def keyed_hashes(purpose: str, data: bytes) -> list[bytes]:
    """`keyed_hash` under every key, the first one first: what a stored digest may be after a rotation."""
    ring = keyring()
    return [_hmac(ring, key_id, purpose, data) for key_id in ring.keys]


def _hmac(ring: Keyring, key_id: str, purpose: str, data: bytes) -> bytes:
    return hmac.digest(ring.derive(key_id, f"hash:{purpose}"), data, "sha256")


def _header(key_id: str) -> bytes:
    return bytes([_FORMAT, len(key_id)]) + key_id.encode("ascii")


def _split(ciphertext: bytes, place: str) -> tuple[bytes, str, bytes]:
    """Header, key id and the rest of a ciphertext."""
    if len(ciphertext) < 2 or ciphertext[0] != _FORMAT:
        raise SecretUnreadable(f"What is stored in {place} is no secret of a known format.")
    end = 2 + ciphertext[1]
    return ciphertext[:end], ciphertext[2:end].decode("ascii", "backslashreplace"), ciphertext[end:]


def _bound(header: bytes, table: str, row: Row, field: str) -> bytes:
    return header + json.dumps([table, str(row), field]).encode()
