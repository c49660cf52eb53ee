"""Signs that an RSA modulus was made by a faulty generator."""

from __future__ import annotations

import math

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicNumbers

from workflows.errors import KeyNotAllowed

_MIN_EXPONENT = 65537  # smaller ones turn padding mistakes of other software into forgeries
_MAX_EXPONENT = 2**64

_SMALL_PRIMES = [
    n for n in range(3, 752, 2) if all(n % divisor for divisor in range(3, math.isqrt(n) + 1, 2))
]
_PRODUCT = 2 * math.prod(_SMALL_PRIMES)

# The Infineon generator (CVE-2017-15361) makes primes that are powers of 65537 modulo many small primes,
# and so are their products; a sound modulus passes for one with a chance below 2^-27.
_INFINEON = {
    prime: frozenset(pow(65537, power, prime) for power in range(prime - 1))
    for prime in _SMALL_PRIMES
    if prime <= 167
}


def check_modulus(numbers: RSAPublicNumbers) -> None:
    """Raises KeyNotAllowed for a weak exponent, a small factor or the mark of a known faulty generator."""
    if not numbers.e % 2 or not _MIN_EXPONENT <= numbers.e < _MAX_EXPONENT:
        raise KeyNotAllowed(
            "The RSA key's public exponent is not allowed; make a new key with exponent 65537."
        )
    if math.gcd(numbers.n, _PRODUCT) != 1:
        raise KeyNotAllowed("The RSA key's modulus has a small factor; make a new key with current software.")
    if all(numbers.n % prime in powers for prime, powers in _INFINEON.items()):
        raise KeyNotAllowed(
            "The RSA key comes from a faulty generator (CVE-2017-15361); make one with current software."
        )
