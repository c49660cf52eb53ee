"""What would stop a certificate from being issued, and what else is to be said of it, before one signs."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from functools import cache, lru_cache
from typing import Any

from cryptography.hazmat.primitives.serialization import Encoding
from django.utils import timezone

from workflows.actions.signing import chain_of
from workflows.errors import DomainError
from workflows.models import CertificateAuthority, CertificateRequest
from workflows.pki import building, identifiers, issuing, keys, opinions, signing
from workflows.pki.intents import IssuanceIntent
from workflows.pki.issuers import Issuer
from workflows.pki.keys import KeySpec, PublicKey
from workflows.pki.opinions import Finding
from workflows.workflow_types import enrollment


def problems(request: CertificateRequest, data: Mapping[str, Any], now: datetime) -> list[str]:
    """The template's rules that are broken, else what the linter finds in the certificate as it would be.

    A certificate whose key the server is yet to make is judged by the rules alone. No CA key is touched.
    """
    try:
        broken = enrollment.policy_problems(request, data)
        if not broken:
            _lint(request, data, now)
    except DomainError as error:
        return [str(error)]
    return broken


def opinion(request: CertificateRequest, data: Mapping[str, Any]) -> tuple[Finding, ...]:
    """What pkilint finds in the certificate as it would be; raises InvalidName or KeyNotAllowed.

    The request need not be stored. What depends on the moment, validity and serial number, is that of the
    first time that somebody asked for the same certificate.
    """
    return _opinion(enrollment.intent_of(request, data), _issuer(request.authority))


@lru_cache(maxsize=200)
def _opinion(intent: IssuanceIntent, issuer: Issuer) -> tuple[Finding, ...]:
    key = keys.load_public(intent.public_key) if intent.public_key else _throw_away(intent.key)
    builder = building.end_entity(intent, key, issuer, identifiers.random_serial(), timezone.now())
    rehearsed = signing.rehearse(builder, issuer.public_key)
    return tuple(opinions.findings(rehearsed.public_bytes(Encoding.DER)))


@cache
def _throw_away(spec: KeySpec) -> PublicKey:
    """Stands for a key that the server is yet to make: findings depend on its kind alone."""
    return keys.generate(spec).public_key()


def _lint(request: CertificateRequest, data: Mapping[str, Any], now: datetime) -> None:
    intent = enrollment.intent_of(request, data)
    if intent.public_key is not None:
        key, serial = keys.load_public(intent.public_key), identifiers.random_serial()
        issuing.prepare(intent, key, _issuer(request.authority), serial, now)


def _issuer(authority: CertificateAuthority) -> Issuer:
    """The CA as certificates name it, without its key."""
    own = chain_of(authority)[0]
    return Issuer(str(authority), own, (authority.crl_url,), (authority.certificate_url,))
