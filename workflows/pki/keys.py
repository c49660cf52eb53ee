"""Public and private keys: what may be certified, how it is named, made and stored."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_der_private_key,
    load_der_public_key,
    load_pem_private_key,
)

from workflows.errors import KeyNotAllowed
from workflows.pki.weaknesses import check_modulus

PublicKey = rsa.RSAPublicKey | ec.EllipticCurvePublicKey
PrivateKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey

MIN_RSA_BITS = 2048  # NIST SP 800-57 part 1, table 2: 112 bits of strength
MAX_RSA_BITS = 8192  # larger ones cost every verifier too much
_RSA_EXPONENT = 65537

_CURVES: dict[str, ec.EllipticCurve] = {
    "P-256": ec.SECP256R1(),
    "P-384": ec.SECP384R1(),
    "P-521": ec.SECP521R1(),
}
_CURVE_OIDS = {
    "P-256": ec.EllipticCurveOID.SECP256R1.dotted_string,
    "P-384": ec.EllipticCurveOID.SECP384R1.dotted_string,
    "P-521": ec.EllipticCurveOID.SECP521R1.dotted_string,
}
_CURVE_BITS = {name: curve.key_size for name, curve in _CURVES.items()}
_CURVE_NAMES = (
    {name.lower(): name for name in _CURVES}
    | {curve.name: name for name, curve in _CURVES.items()}
    | {oid: name for name, oid in _CURVE_OIDS.items()}
    | {str(bits): name for name, bits in _CURVE_BITS.items()}
    | {"prime256v1": "P-256"}
)


@dataclass(frozen=True)
class KeySpec:
    """Type and size of a key: `RSA` with its bits, or `ECC` with its curve (`P-256`, `P-384`, `P-521`)."""

    type: str
    bits: int
    curve: str | None = None

    def __str__(self) -> str:
        return f"ECC {self.curve}" if self.curve else f"{self.type} {self.bits}"

    @property
    def curve_oid(self) -> str | None:
        """The curve as the wire's `Curve` also names it."""
        return _CURVE_OIDS[self.curve] if self.curve else None

    def to_json(self) -> dict[str, Any]:
        """The form that templates and intents store."""
        return {"type": self.type, "bits": self.bits, "curve": self.curve}


def rsa_spec(bits: int) -> KeySpec:
    """An RSA key; raises KeyNotAllowed for sizes that are too weak or too slow."""
    if not MIN_RSA_BITS <= bits <= MAX_RSA_BITS or bits % 8:
        allowed = f"{MIN_RSA_BITS} to {MAX_RSA_BITS} bits, a multiple of 8"
        raise KeyNotAllowed(f"An RSA key of {bits} bits is not allowed; use {allowed}.")
    return KeySpec("RSA", bits)


def curve_spec(curve: str) -> KeySpec:
    """An ECC key by any usual name of its curve, its OID or its size; raises KeyNotAllowed."""
    name = _CURVE_NAMES.get(curve.strip().lower())
    if name is None:
        raise KeyNotAllowed(f"The curve {curve[:40]!r} is not allowed; use {', '.join(_CURVES)}.")
    return KeySpec("ECC", _CURVE_BITS[name], name)


def parse_key_spec(key_type: str, length: int | str | None = None, curve: str | None = None) -> KeySpec:
    """The key that a request's `KeyType`, `KeyLength` and `Curve` ask for; raises KeyNotAllowed."""
    match key_type.strip().upper():
        case "RSA":
            return rsa_spec(_length(length))
        case "ECC" | "EC" | "ECDSA":
            return curve_spec(curve or str(length or "P-256"))
    raise KeyNotAllowed(f"Keys of type {key_type[:40]!r} are not allowed; use RSA or ECC.")


def key_spec_from_json(value: Mapping[str, Any]) -> KeySpec:
    """The opposite of `KeySpec.to_json`; raises KeyNotAllowed."""
    curve = value.get("curve")
    return parse_key_spec(str(value.get("type")), value.get("bits"), str(curve) if curve else None)


def describe(key: PublicKey) -> KeySpec:
    """Type and size of a public key; raises KeyNotAllowed for those that may not be certified."""
    return rsa_spec(key.key_size) if isinstance(key, rsa.RSAPublicKey) else curve_spec(key.curve.name)


def check(key: object) -> PublicKey:
    """The key itself if it may be certified and shows no known weakness; raises KeyNotAllowed."""
    if not isinstance(key, PublicKey):
        raise KeyNotAllowed(f"Keys of type {_type_name(key)} are not allowed; use RSA or ECC.")
    describe(key)
    if isinstance(key, rsa.RSAPublicKey):
        check_modulus(key.public_numbers())
    return key


def generate(spec: KeySpec) -> PrivateKey:
    """A new private key; RSA takes up to seconds."""
    if spec.curve:
        return ec.generate_private_key(_CURVES[spec.curve])
    return rsa.generate_private_key(_RSA_EXPONENT, spec.bits)


def signature_hash(key: PublicKey | PrivateKey) -> hashes.SHA256 | hashes.SHA384 | hashes.SHA512:
    """The hash that a CA with this key signs with, as strong as the key (RFC 5758, section 3.2)."""
    if isinstance(key, rsa.RSAPublicKey | rsa.RSAPrivateKey) or key.key_size <= 256:
        return hashes.SHA256()
    return hashes.SHA384() if key.key_size <= 384 else hashes.SHA512()


def public_der(key: PublicKey) -> bytes:
    """The SubjectPublicKeyInfo."""
    return key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def load_public(der: bytes) -> PublicKey:
    """A SubjectPublicKeyInfo that `check` accepts; raises KeyNotAllowed."""
    try:
        key = load_der_public_key(der)
    except (ValueError, UnsupportedAlgorithm) as error:
        raise KeyNotAllowed("The public key cannot be read; use RSA or ECC.") from error
    return check(key)


def fingerprint(public_key_der: bytes) -> str:
    """SHA-256 of a SubjectPublicKeyInfo in lower-case hexadecimal: the same key has the same one."""
    return hashlib.sha256(public_key_der).hexdigest()


def private_der(key: PrivateKey) -> bytes:
    """The unencrypted PKCS#8 form; the caller encrypts it before it goes anywhere."""
    return key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())


def load_private(data: bytes) -> PrivateKey:
    """The opposite of `private_der`, in DER or PEM; raises KeyNotAllowed, never naming what it read."""
    load = load_pem_private_key if data.startswith(b"-----") else load_der_private_key
    try:
        key = load(data, password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise KeyNotAllowed("The private key cannot be read; it must be RSA or ECC in PKCS#8.") from None
    if not isinstance(key, PrivateKey):
        raise KeyNotAllowed(f"Private keys of type {_type_name(key)} are not allowed; use RSA or ECC.")
    return key


def _length(length: int | str | None) -> int:
    try:
        return int(length or MIN_RSA_BITS)
    except (ValueError, TypeError) as error:
        raise KeyNotAllowed(f"The key length {str(length)[:40]!r} is not a number of bits.") from error


def _type_name(key: object) -> str:
    return type(key).__name__.removesuffix("PublicKey").removesuffix("PrivateKey")
