"""What would stop a certificate from being issued, found out before anybody signs for it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from workflows.actions import signing
from workflows.errors import DomainError
from workflows.models import CertificateAuthority, CertificateRequest
from workflows.pki import identifiers, issuing, keys
from workflows.pki.issuers import Issuer
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


def _lint(request: CertificateRequest, data: Mapping[str, Any], now: datetime) -> None:
    intent = enrollment.intent_of(request, data)
    if intent.public_key is not None:
        key, serial = keys.load_public(intent.public_key), identifiers.random_serial()
        issuing.prepare(intent, key, _issuer(request.authority), serial, now)


def _issuer(authority: CertificateAuthority) -> Issuer:
    """The CA as certificates name it, without its key."""
    own = signing.chain_of(authority)[0]
    return Issuer(str(authority), own, (authority.crl_url,), (authority.certificate_url,))
