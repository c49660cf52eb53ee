"""Revoking certificates: starting the workflow, and what its revoke step carries out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from workflows import audit
from workflows.access import policies
from workflows.access.actors import Actor
from workflows.actions import issuance, issued, starting
from workflows.engine.contracts import Continue, Outcome, StepContext, Wait
from workflows.engine.starting import Seed, Started
from workflows.errors import InvalidInput, NotFound, WrongState
from workflows.models import Certificate, CertificateOperation, Instance, InstanceRecord
from workflows.vocabulary import messages
from workflows.vocabulary.auditing import Category, Operation
from workflows.vocabulary.enrollment import CertificateState
from workflows.vocabulary.permissions import Permission
from workflows.vocabulary.revocation_reasons import RevocationReason
from workflows.vocabulary.statuses import InstanceStatus
from workflows.vocabulary.workflow_types import WorkflowType
from workflows.workflow_types import revocation

MAXIMUM_AT_ONCE = 1000  # one request must end within a web server's patience


@dataclass(frozen=True, slots=True)
class Order:
    """What somebody wants done to each of the certificates."""

    reason: RevocationReason
    comment: str
    effective_at: datetime
    now: datetime


@dataclass(frozen=True, slots=True)
class Revoked:
    """How one certificate's revocation stands when the call answers (D17)."""

    certificate_id: int
    instance: Instance

    @property
    def is_done(self) -> bool:
        return self.instance.status == InstanceStatus.Complete


def revoke(
    certificate_ids: Sequence[int],
    *,
    actor: Actor,
    reason: RevocationReason,
    comment: str,
    effective_at: datetime | None = None,
) -> list[Revoked]:
    """Start one revocation workflow a certificate and wait, bounded, for their first outcomes."""
    policies.require(actor, Permission.CERTIFICATES_REVOKE)
    _check(certificate_ids, comment)
    now = timezone.now()
    order = Order(reason, comment, effective_at or now, now)
    with transaction.atomic():
        certificates = _lock(certificate_ids, reason)
        started = [_start(each, order, actor) for each in certificates]
    settled = starting.wait_for_all(started)
    return [Revoked(each.pk, settled[row.guid]) for each, row in zip(certificates, started, strict=True)]


def carry_out(context: StepContext) -> Outcome:
    """The outcome of a revoke step: revoked as the *current* data say, or later when the date is ahead."""
    intent = revocation.intent_of(context.data)
    approvals = issuance.approvals_of([context.instance.id]).get(context.instance.id, ())
    mismatch = issuance.approval_mismatch(approvals, intent.digest())
    if mismatch is not None:
        return mismatch
    if intent.effective_at > context.now:
        return Wait(
            f"Revocation is due at {intent.effective_at.astimezone(UTC):%Y-%m-%d %H:%M} UTC.",
            intent.effective_at,
        )
    certificate = _lock_one(context.instance.certificate_id)
    before = issued.summary(certificate)
    _apply(certificate, intent.reason, str(context.data.get("Comment") or ""), intent.effective_at)
    _record(certificate, before, context)
    return Continue(message=messages.REVOKED)


def is_on_hold(certificate: Certificate) -> bool:
    """Whether it is revoked in a way that can be taken back."""
    is_revoked = certificate.state == CertificateState.Revoked
    return is_revoked and certificate.revocation_reason == RevocationReason.CertificateHold


def check_revocable(certificate: Certificate) -> None:
    """Raises WrongState for one that is revoked for good."""
    if certificate.state == CertificateState.Revoked and not is_on_hold(certificate):
        raise WrongState(f"Certificate {certificate.pk} is revoked already.")


def _check(certificate_ids: Sequence[int], comment: str) -> None:
    if not certificate_ids:
        raise InvalidInput("CertificateIds is empty; name at least one certificate.")
    if len(certificate_ids) > MAXIMUM_AT_ONCE:
        raise InvalidInput(f"At most {MAXIMUM_AT_ONCE} certificates at once; send several requests.")
    if not comment.strip():
        raise InvalidInput("Comment is required: say why the certificate is revoked.")


def _lock(certificate_ids: Sequence[int], reason: RevocationReason) -> list[Certificate]:
    wanted = list(dict.fromkeys(certificate_ids))
    rows = Certificate.objects.select_for_update(of=("self",), no_key=True).select_related("authority")
    found = {each.pk: each for each in rows.filter(pk__in=wanted).order_by("pk")}
    missing = [str(each) for each in wanted if each not in found]
    if missing:
        raise NotFound(f"There is no certificate with id {', '.join(missing)}.")
    for each in found.values():
        _check_state(each, reason)
    return [found[each] for each in wanted]


def _lock_one(certificate_id: int | None) -> Certificate:
    row = (
        Certificate.objects.select_for_update(of=("self",), no_key=True)
        .filter(pk=certificate_id or 0)
        .first()
    )
    if row is None:
        raise NotFound("The certificate has been deleted.")
    return row


def _check_state(certificate: Certificate, reason: RevocationReason) -> None:
    if reason.lifts_hold and not is_on_hold(certificate):
        raise WrongState(f"Certificate {certificate.pk} is not on hold, so there is no hold to lift.")
    check_revocable(certificate)


def _start(certificate: Certificate, order: Order, actor: Actor) -> Started:
    data = _data(certificate, order, actor)
    revocation.intent_of(data)  # what cannot be carried out is refused before an instance exists
    spec = revocation.Revocation()
    seed = Seed(
        title=spec.title(actor.name, data),
        initiating_user_name=actor.name,
        initiator_id=actor.user_id,
        data=data,
        key=str(certificate.template_id or ""),
        certificate_id=certificate.pk,
    )
    return starting.start(WorkflowType.Revocation, seed, now=order.now)


def _data(certificate: Certificate, order: Order, actor: Actor) -> dict[str, Any]:
    """The allow-list of a revocation's initial data (workflow-instances.md, 1.4)."""
    return {
        "CertificateAuthority": str(certificate.authority),
        "CertificateId": certificate.pk,
        "Comment": order.comment,
        "CommonName": certificate.issued_cn,
        "Delegate": False,
        "EffectiveDate": order.effective_at.replace(microsecond=0).isoformat(),
        "InitiatingUserName": actor.name,
        "OperationStart": order.now.isoformat(),
        "RevokeCode": int(order.reason),
        "SerialNumber": certificate.serial_number,
        "Subject": certificate.issued_dn,
        "Thumbprint": certificate.thumbprint,
    }


def _apply(certificate: Certificate, reason: RevocationReason, comment: str, effective_at: datetime) -> None:
    _check_state(certificate, reason)
    if reason.lifts_hold:
        certificate.state, certificate.revocation_reason = CertificateState.Active, None
    else:
        certificate.state, certificate.revocation_reason = CertificateState.Revoked, reason
    certificate.revocation_comment, certificate.revocation_effective_at = comment, effective_at
    certificate.awaits_crl = True
    certificate.save(
        update_fields=[
            "awaits_crl",
            "state",
            "revocation_reason",
            "revocation_comment",
            "revocation_effective_at",
        ]
    )


def _record(certificate: Certificate, before: dict[str, Any], context: StepContext) -> None:
    record = InstanceRecord.objects.get(pk=context.instance.id)
    user_name = record.initiating_user_name  # not of the data, which steps may have changed
    lifted = certificate.state == CertificateState.Active
    CertificateOperation.objects.create(
        certificate=certificate,
        action="Removed from hold" if lifted else "Revoked",
        user_name=user_name,
        comment=certificate.revocation_comment,
        started_at=context.now,
        ended_at=context.now,
    )
    audit.record(
        Operation.RemovedFromHold if lifted else Operation.Revoked,
        Category.Certificate,
        actor=Actor(context.instance.initiator_id, user_name),
        name=certificate.issued_dn or certificate.serial_number,
        identifier=certificate.pk,
        before=before,
        after={
            **issued.summary(certificate),
            "Reason": certificate.revocation_reason,
            "Comment": certificate.revocation_comment,
        },
    )
