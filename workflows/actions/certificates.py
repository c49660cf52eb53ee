"""Certificates: finding, downloading, and picking up those whose key was made here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from workflows import audit
from workflows.access import policies
from workflows.access.actors import Actor
from workflows.actions import certificate_files, issued, metadata_values
from workflows.actions.certificate_files import File, Packing
from workflows.encryption import Secret
from workflows.errors import InvalidInput, NotFound, PermissionMissing
from workflows.models import Certificate, PrivateKey
from workflows.vocabulary.auditing import Category, Operation
from workflows.vocabulary.enrollment import PrivateKeyStatus
from workflows.vocabulary.permissions import Permission

AS_PEM, AS_PFX = Packing("PEM"), Packing("PFX")


@dataclass(frozen=True, slots=True)
class CertificateName:
    """How callers name a certificate: by id, thumbprint, or issuer and serial number."""

    id: int | None = None
    thumbprint: str = ""
    serial_number: str = ""
    issuer_dn: str = ""


def listed(*, actor: Actor) -> QuerySet[Certificate]:
    """All certificates for who may read them, his own for a requester; raises PermissionMissing."""
    rows = Certificate.objects.select_related("authority", "template", "private_key", "request")
    if not actor.may(Permission.CERTIFICATES_READ) and _enrolls(actor):
        return rows.filter(requester=actor.user_id)
    return policies.restrict(rows, actor, Permission.CERTIFICATES_READ)


def visible(name: CertificateName, *, actor: Actor) -> Certificate:
    """Raises PermissionMissing, NotFound, or InvalidInput when the certificate is not named."""
    return _one(listed(actor=actor), name)


def is_visible(certificate: Certificate, *, actor: Actor) -> bool:
    try:
        return listed(actor=actor).filter(pk=certificate.pk).exists()
    except PermissionMissing:
        return False


def download(name: CertificateName, packing: Packing = AS_PEM, *, actor: Actor) -> File:
    """The certificate without its key (POST /Certificates/Download)."""
    certificate = visible(name, actor=actor)
    file = certificate_files.public_file(certificate, packing)
    _audit(Operation.Downloaded, certificate, actor)
    return file


def recover(name: CertificateName, password: Secret[str], packing: Packing = AS_PFX, *, actor: Actor) -> File:
    """Certificate and server-made key (POST /Certificates/Recover).

    The key is dropped unless the template retains it. The requester may fetch his own; others need the
    private-key permission.
    """
    with transaction.atomic():
        certificate = _recoverable(name, actor)
        file = certificate_files.key_file(certificate, password, packing)
        _drop_unless_retained(certificate)
        _audit(Operation.Recovered, certificate, actor)
    return file


def may_recover(certificate: Certificate, *, actor: Actor) -> bool:
    """Whether its key is here and this actor may have it."""
    key = certificate.private_key
    is_here = key is not None and key.status in (PrivateKeyStatus.AwaitingPickup, PrivateKeyStatus.Retained)
    reads = actor.may(Permission.CERTIFICATES_READ) and actor.may(Permission.CERTIFICATES_PRIVATE_KEY_READ)
    return is_here and (reads or _requested(certificate, actor))


def set_metadata(name: CertificateName, given: Mapping[str, Any], *, actor: Actor) -> Certificate:
    """Set the named metadata fields, an empty value removes one (PUT /Certificates/Metadata)."""
    policies.require(actor, Permission.CERTIFICATES_METADATA_MODIFY)
    with transaction.atomic():
        certificate = _one(Certificate.objects.select_for_update(no_key=True), name)
        before = certificate.metadata
        certificate.metadata = metadata_values.changed(before, given)
        certificate.save(update_fields=["metadata"])
        _audit(
            Operation.Updated,
            certificate,
            actor,
            before={"Metadata": before},
            after={"Metadata": certificate.metadata},
        )
    return certificate


def _one(rows: QuerySet[Certificate], name: CertificateName) -> Certificate:
    condition = _condition(name)
    found = rows.filter(**condition).first()
    if found is None:
        raise NotFound("There is no such certificate, or it is not among those you may see.")
    return found


def _condition(name: CertificateName) -> dict[str, Any]:
    if name.id:
        return {"pk": name.id}
    if name.thumbprint:
        return {"thumbprint": name.thumbprint.upper().replace(":", "")}
    if name.serial_number and name.issuer_dn:
        serial = name.serial_number.upper().replace(":", "")
        return {"serial_number": serial, "issuer_dn__iexact": name.issuer_dn}
    raise InvalidInput("Name the certificate by CertID, Thumbprint, or SerialNumber with IssuerDN.")


def _enrolls(actor: Actor) -> bool:
    may_ask = actor.may(Permission.ENROLLMENT_CSR) or actor.may(Permission.ENROLLMENT_PFX)
    return actor.user_id is not None and may_ask


def _requested(certificate: Certificate, actor: Actor) -> bool:
    own = actor.user_id is not None and certificate.requester_id == actor.user_id
    return own and actor.may(Permission.ENROLLMENT_PFX)


def _recoverable(name: CertificateName, actor: Actor) -> Certificate:
    """Locked, and its key not yet read: a join would show it as it was before the lock was waited for."""
    rows = Certificate.objects.select_related("authority", "template").select_for_update(of=("self",))
    certificate = _one(rows, name)
    if not _requested(certificate, actor):
        policies.require(actor, Permission.CERTIFICATES_READ)
        policies.require(actor, Permission.CERTIFICATES_PRIVATE_KEY_READ)
    return certificate


def _drop_unless_retained(certificate: Certificate) -> None:
    key = certificate.private_key
    if key is not None and key.status == PrivateKeyStatus.AwaitingPickup:
        PrivateKey.objects.filter(pk=key.pk).update(
            ciphertext=None, status=PrivateKeyStatus.Dropped, dropped_at=timezone.now()
        )


def _audit(operation: Operation, certificate: Certificate, actor: Actor, **states: Any) -> None:
    audit.record(
        operation,
        Category.Certificate,
        actor=actor,
        name=certificate.issued_dn or certificate.serial_number,
        identifier=certificate.pk,
        **(states or {"after": issued.summary(certificate)}),
    )
