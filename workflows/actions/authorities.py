"""Certificate authorities: what the callers may know of them, and what they may ask of them."""

from __future__ import annotations

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from workflows import audit
from workflows.access import policies
from workflows.access.actors import Actor
from workflows.errors import NotFound, WrongState
from workflows.models import CertificateAuthority
from workflows.vocabulary.auditing import Category, Operation
from workflows.vocabulary.permissions import Permission


def visible(actor: Actor) -> QuerySet[CertificateAuthority]:
    """Every authority. Raises PermissionMissing."""
    return policies.restrict(
        CertificateAuthority.objects.all(), actor, Permission.CERTIFICATE_AUTHORITIES_READ
    )


def find(authority_id: int, *, actor: Actor) -> CertificateAuthority:
    """One authority. Raises PermissionMissing, NotFound."""
    return _found(visible(actor).filter(pk=authority_id).first(), authority_id)


def want_crl(authority_id: int, *, actor: Actor) -> CertificateAuthority:
    """Have a worker publish a CRL now, since this process may hold no keys. Raises NotFound, WrongState.

    Who asks again before it is published changes nothing.
    """
    policies.require(actor, Permission.CERTIFICATE_AUTHORITIES_MODIFY)
    with transaction.atomic():
        rows = CertificateAuthority.objects.select_for_update()
        authority = _found(rows.filter(pk=authority_id).first(), authority_id)
        if not authority.can_publish:
            raise WrongState(f"{authority} is off or its key is kept elsewhere; its CRL is published there.")
        if authority.crl_wanted_at is None:
            authority.crl_wanted_at = timezone.now()
            authority.save(update_fields=["crl_wanted_at"])
            _audit(authority, actor)
    return authority


def _found(authority: CertificateAuthority | None, authority_id: int) -> CertificateAuthority:
    if authority is None:
        raise NotFound(f"There is no certificate authority with id {authority_id}.")
    return authority


def _audit(authority: CertificateAuthority, actor: Actor) -> None:
    audit.record(
        Operation.Scheduled,
        Category.CertificateAuthority,
        actor=actor,
        name=str(authority),
        identifier=authority.pk,
        after={"CRL": f"number {authority.next_crl_number}"},
    )
