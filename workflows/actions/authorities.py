"""Certificate authorities: what the callers may know of them."""

from __future__ import annotations

from django.db.models import QuerySet

from workflows.access import policies
from workflows.access.actors import Actor
from workflows.errors import NotFound
from workflows.models import CertificateAuthority
from workflows.vocabulary.permissions import Permission


def visible(actor: Actor) -> QuerySet[CertificateAuthority]:
    """Every authority. Raises PermissionMissing."""
    return policies.restrict(
        CertificateAuthority.objects.all(), actor, Permission.CERTIFICATE_AUTHORITIES_READ
    )


def find(authority_id: int, *, actor: Actor) -> CertificateAuthority:
    """One authority. Raises PermissionMissing, NotFound."""
    authority = visible(actor).filter(pk=authority_id).first()
    if authority is None:
        raise NotFound(f"There is no certificate authority with id {authority_id}.")
    return authority
