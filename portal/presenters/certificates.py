"""Certificates as rows of a list and as a page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from portal.looks import Look
from portal.presenters import decoded
from portal.presenters.decoded import Part
from workflows.actions import signing
from workflows.models import Certificate, CertificateOperation
from workflows.pki import names
from workflows.vocabulary.enrollment import CertificateState, PrivateKeyStatus
from workflows.vocabulary.revocation_reasons import RevocationReason

VALID = Look("circle-check", "done", _("Valid"))
NOT_YET = Look("clock", "waiting", _("Not valid yet"))
EXPIRED = Look("circle-dashed", "quiet", _("Expired"))
ON_HOLD = Look("hourglass", "waiting", _("On hold"))
REVOKED = Look("ban", "denied", _("Revoked"))


@dataclass(frozen=True)
class Row:
    """One line of `certificates/list.html`."""

    id: int
    name: str
    subject: str
    look: Look
    template: str
    requester: str
    authority: str
    valid_to: datetime
    serial_number: str

    @property
    def more(self) -> str:
        """The subject, where it says more than the name."""
        return "" if self.subject in (self.name, f"CN={self.name}") else self.subject


@dataclass(frozen=True)
class Link:
    """One certificate of the chain, the end entity first."""

    subject: str
    valid_to: datetime


def row(certificate: Certificate, now: datetime) -> Row:
    return Row(
        id=certificate.pk,
        name=certificate.issued_cn or certificate.issued_dn or certificate.serial_number,
        subject=certificate.issued_dn,
        look=look_of(certificate, now),
        template=certificate.template.display_name if certificate.template else "",
        requester=certificate.requester_name,
        authority=str(certificate.authority),
        valid_to=certificate.not_after,
        serial_number=certificate.serial_number,
    )


def look_of(certificate: Certificate, now: datetime) -> Look:
    """How it stands at `now`."""
    if certificate.state == CertificateState.Revoked:
        on_hold = certificate.revocation_reason == RevocationReason.CertificateHold
        return ON_HOLD if on_hold else REVOKED
    if certificate.not_after < now:
        return EXPIRED
    return NOT_YET if certificate.not_before > now else VALID


def details(certificate: Certificate) -> list[Part]:
    """What the certificate itself says."""
    return decoded.certificate(bytes(certificate.der))


def chain(certificate: Certificate) -> list[Link]:
    """The CAs above it, its issuer first."""
    return [
        Link(names.format_name(each.subject), each.not_valid_after_utc)
        for each in signing.chain_of(certificate.authority)
    ]


def history(operations: Sequence[CertificateOperation]) -> list[dict[str, Any]]:
    return [
        {"at": each.ended_at, "action": each.action, "person": each.user_name, "comment": each.comment}
        for each in operations
    ]


def revocation(certificate: Certificate) -> dict[str, Any] | None:
    """Why and from when it is revoked; None when it is not."""
    if certificate.state != CertificateState.Revoked or certificate.revocation_reason is None:
        return None
    return {
        "reason": RevocationReason(certificate.revocation_reason).label,
        "effective": certificate.revocation_effective_at,
        "comment": certificate.revocation_comment,
    }


def key_words(certificate: Certificate) -> str:
    """Where the private key is."""
    status = certificate.private_key.status if certificate.private_key else PrivateKeyStatus.NotHeld
    return str(_KEYS.get(PrivateKeyStatus(status), ""))


_KEYS = {
    PrivateKeyStatus.NotHeld: _("The requester has it; it was never here."),
    PrivateKeyStatus.AwaitingPickup: _("Made here; it can be fetched once."),
    PrivateKeyStatus.Retained: _("Made here and kept, encrypted."),
    PrivateKeyStatus.Dropped: _("Made here, fetched and deleted."),
}
