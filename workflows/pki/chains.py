"""From a certificate up to its root."""

from __future__ import annotations

import enum
from collections.abc import Iterable, Sequence

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm

from workflows.errors import InvalidInput

# A loop of CAs that certify each other ends here; real chains have two to five certificates.
_MAX_LENGTH = 10


class ChainOrder(enum.Enum):
    """`ChainOrder` of the wire."""

    END_ENTITY_FIRST = "EndEntityFirst"
    ROOT_FIRST = "RootFirst"


def parse_chain_order(text: str | None) -> ChainOrder:
    """The order a request asks for, end entity first by default; raises InvalidInput."""
    for order in ChainOrder:
        if (text or "EndEntityFirst").lower() == order.value.lower():
            return order
    raise InvalidInput(f"ChainOrder is {str(text)[:40]!r}; use EndEntityFirst or RootFirst.")


def build_chain(
    certificate: x509.Certificate, candidates: Iterable[x509.Certificate]
) -> list[x509.Certificate]:
    """The certificate and its issuers as far as the candidates reach, end entity first.

    Signatures are verified; `is_complete` tells whether it ends at a root.
    """
    pool, chain = list(candidates), [certificate]
    while len(chain) < _MAX_LENGTH and not is_self_signed(chain[-1]):
        issuer = next((other for other in pool if is_issued_by(chain[-1], other)), None)
        if issuer is None:
            break
        chain.append(issuer)
    return chain


def is_complete(chain: Sequence[x509.Certificate]) -> bool:
    """Whether a chain, end entity first, ends at a self-signed certificate."""
    return is_self_signed(chain[-1])


def is_self_signed(certificate: x509.Certificate) -> bool:
    return is_issued_by(certificate, certificate)


def is_issued_by(certificate: x509.Certificate, issuer: x509.Certificate) -> bool:
    """Whether the names fit and the signature verifies; dates and extensions are not looked at."""
    if certificate.issuer != issuer.subject:
        return False
    try:
        certificate.verify_directly_issued_by(issuer)
    except (ValueError, TypeError, InvalidSignature, UnsupportedAlgorithm):
        return False
    return True


def in_order(chain: Sequence[x509.Certificate], order: ChainOrder) -> list[x509.Certificate]:
    """A chain that is end entity first, in the order asked for."""
    return list(chain) if order is ChainOrder.END_ENTITY_FIRST else list(reversed(chain))
