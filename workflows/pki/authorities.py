"""New CAs: a root that signs only other CAs, and issuing CAs below it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from cryptography import x509

from workflows.pki import building, identifiers, keys, lint, names, signing
from workflows.pki.issuers import Issuer
from workflows.pki.keys import KeySpec, PrivateKey

ROOT_DAYS = 20 * 365
ISSUING_DAYS = 10 * 365


@dataclass(frozen=True)
class NewAuthority:
    """A CA's key, which the caller encrypts and keeps, and its certificate."""

    key: PrivateKey = field(repr=False)
    certificate: x509.Certificate


def create_root(subject: str, key: KeySpec, *, now: datetime, days: int = ROOT_DAYS) -> NewAuthority:
    """A self-signed CA with room for one level of CAs below it; raises InvalidName."""
    return _create(subject, key, building.validity(now, days), path_length=1)


def create_issuing(
    subject: str,
    key: KeySpec,
    *,
    issuer: Issuer,
    issuer_key: PrivateKey,
    now: datetime,
    days: int = ISSUING_DAYS,
) -> NewAuthority:
    """A CA for end entities, signed by another; raises InvalidName or IssuanceRefused."""
    period = building.validity(now, days, issuer.certificate)
    return _create(subject, key, period, path_length=0, issuer=issuer, issuer_key=issuer_key)


def _create(
    subject: str,
    spec: KeySpec,
    period: building.Validity,
    *,
    path_length: int,
    issuer: Issuer | None = None,
    issuer_key: PrivateKey | None = None,
) -> NewAuthority:
    key = keys.generate(spec)
    name, serial = names.parse_name(subject), identifiers.random_serial()
    signer = issuer.public_key if issuer else key.public_key()
    builder = building.authority(
        name, key.public_key(), serial, period, path_length=path_length, issuer=issuer
    )
    rehearsal = signing.rehearse(builder, signer)
    problems = lint.problems(rehearsal, issuer.certificate if issuer else rehearsal)
    issued = signing.sign(signing.accept(builder, rehearsal, signer, problems), issuer_key or key)
    return NewAuthority(key, x509.load_der_x509_certificate(issued.der))
