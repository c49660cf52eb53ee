"""Which keys are allowed, and how the wire names them."""

from __future__ import annotations

import math

import pytest
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed25519, rsa
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicNumbers

from tests.pki import samples
from workflows.errors import KeyNotAllowed
from workflows.pki import keys
from workflows.pki.weaknesses import check_modulus

MODULUS = samples.private_key(samples.RSA2048).public_key().public_numbers().n  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("key_type", "length", "curve", "expected"),
    [
        ("RSA", 2048, None, "RSA 2048"),
        ("rsa", "4096", None, "RSA 4096"),
        ("RSA", None, None, "RSA 2048"),
        ("ECC", None, "P-384", "ECC P-384"),
        ("EC", None, "prime256v1", "ECC P-256"),
        ("ECDSA", None, "SECP521R1", "ECC P-521"),
        ("ECC", 384, None, "ECC P-384"),
        ("ECC", 0, "1.2.840.10045.3.1.7", "ECC P-256"),
        ("ECC", None, None, "ECC P-256"),
    ],
)
def test_a_request_names_its_key(
    key_type: str, length: int | str | None, curve: str | None, expected: str
) -> None:
    spec = keys.parse_key_spec(key_type, length, curve)
    assert str(spec) == expected
    assert keys.key_spec_from_json(spec.to_json()) == spec


@pytest.mark.parametrize(
    ("key_type", "length", "curve", "message"),
    [
        ("DSA", 2048, None, "use RSA or ECC"),
        ("RSA", 1024, None, "1024 bits is not allowed"),
        ("RSA", 16384, None, "16384 bits is not allowed"),
        ("RSA", 2049, None, "multiple of 8"),
        ("RSA", "many", None, "not a number"),
        ("ECC", None, "secp256k1", "use P-256, P-384, P-521"),
        ("ECC", 2048, None, "'2048' is not allowed"),
    ],
)
def test_other_keys_are_refused(
    key_type: str, length: int | str | None, curve: str | None, message: str
) -> None:
    with pytest.raises(KeyNotAllowed, match=message):
        keys.parse_key_spec(key_type, length, curve)


@pytest.mark.parametrize("spec", [*samples.ALL_KEYS, keys.curve_spec("P-521")], ids=str)
def test_keys_are_what_was_asked_for_and_survive_storage(spec: keys.KeySpec) -> None:
    key = samples.private_key(spec)
    assert keys.describe(keys.check(key.public_key())) == spec
    assert keys.load_private(keys.private_der(key)).public_key() == key.public_key()
    assert keys.load_public(keys.public_der(key.public_key())) == key.public_key()


@pytest.mark.parametrize(
    "key",
    [
        ed25519.Ed25519PrivateKey.generate(),
        dsa.generate_private_key(2048),
        ec.generate_private_key(ec.SECP256K1()),
        rsa.generate_private_key(65537, 1024),
    ],
    ids=lambda key: type(key).__name__,
)
def test_keys_of_other_kinds_are_not_certified(key: ed25519.Ed25519PrivateKey) -> None:
    with pytest.raises(KeyNotAllowed):
        keys.check(key.public_key())


@pytest.mark.parametrize("exponent", [3, 65535, 65538, 2**64 + 1])
def test_weak_exponents_are_refused(exponent: int) -> None:
    with pytest.raises(KeyNotAllowed, match="exponent"):
        check_modulus(RSAPublicNumbers(exponent, MODULUS))


@pytest.mark.parametrize("factor", [2, 3, 751])
def test_small_factors_are_refused(factor: int) -> None:
    with pytest.raises(KeyNotAllowed, match="small factor"):
        check_modulus(RSAPublicNumbers(65537, MODULUS * factor))


def test_the_mark_of_the_infineon_generator_is_refused() -> None:
    """Its primes are k * M + 65537^a mod M, M being the product of the first primes."""
    primes = [n for n in range(2, 168) if all(n % d for d in range(2, math.isqrt(n) + 1))]
    product = math.prod(primes)
    marked = product * 2**1500 + pow(65537, 12345, product)
    while math.gcd(marked, math.prod(n for n in range(3, 752, 2))) != 1:
        marked += product
    with pytest.raises(KeyNotAllowed, match="CVE-2017-15361"):
        check_modulus(RSAPublicNumbers(65537, marked))


@pytest.mark.parametrize(
    "value",
    [
        {},
        {"type": None},
        {"type": "RSA", "bits": [1]},
        {"type": "ECC", "curve": 7},
        {"type": "ECC", "bits": {"a": 1}},
    ],
)
def test_stored_keys_of_another_shape_are_refused(value: dict[str, object]) -> None:
    with pytest.raises(KeyNotAllowed):
        keys.key_spec_from_json(value)


def test_a_broken_private_key_never_shows_in_the_error() -> None:
    with pytest.raises(KeyNotAllowed) as caught:
        keys.load_private(b"secret")
    assert "secret" not in str(caught.value)
    assert caught.value.__cause__ is None


def test_equal_keys_have_equal_fingerprints() -> None:
    der = keys.public_der(samples.private_key(samples.P256).public_key())
    assert keys.fingerprint(der) == keys.fingerprint(bytes(der))
    assert len(keys.fingerprint(der)) == 64
