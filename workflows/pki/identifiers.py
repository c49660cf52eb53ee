"""Serial numbers and thumbprints as they are shown: upper-case hexadecimal without separators."""

from __future__ import annotations

import hashlib

from cryptography import x509

# RFC 5280, 4.1.2.2: at most 20 octets, positive; CA/Browser Forum: at least 64 bits from a random source.
MAX_SERIAL_BITS = 159
MIN_SERIAL_BITS = 64


def random_serial() -> int:
    """A serial number of 159 random bits; equal ones are not to be expected."""
    return x509.random_serial_number()


def serial_hex(serial: int) -> str:
    """Two digits an octet."""
    digits = f"{serial:X}"
    return digits.zfill(len(digits) + len(digits) % 2)


def thumbprint(der: bytes) -> str:
    """SHA-1 of a certificate: not for security, it is what the API and Windows name certificates by."""
    return hashlib.sha1(der, usedforsecurity=False).hexdigest().upper()


def sha256_thumbprint(der: bytes) -> str:
    """SHA-256 of a certificate."""
    return hashlib.sha256(der).hexdigest().upper()
