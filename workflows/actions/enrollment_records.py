"""The row of a certificate request, and the data that its instance begins with."""

from __future__ import annotations

import base64
from datetime import datetime
from typing import Any

from workflows.access.actors import Actor
from workflows.actions import certificates, metadata_values
from workflows.actions.enrollment_wishes import ParsedWish, Wish
from workflows.errors import InvalidInput
from workflows.models import Certificate, CertificateAuthority, CertificateRequest, CertificateTemplate, Role
from workflows.pki import sans
from workflows.vocabulary.enrollment import KeyRetentionPolicy


def request_row(
    wish: Wish, parsed: ParsedWish, template: CertificateTemplate, actor: Actor
) -> CertificateRequest:
    """A request that is not stored yet. Raises InvalidInput."""
    return CertificateRequest(
        template=template,
        authority=_authority(wish, template),
        requester_id=actor.user_id,
        requester_name=actor.name,
        is_pfx=wish.is_pfx,
        csr=parsed.csr,
        key_spec=parsed.key.to_json(),
        owner_role=_owner(wish),
        renews=_renewed(wish, actor),
    )


def initial_data(
    wish: Wish, parsed: ParsedWish, request: CertificateRequest, actor: Actor, now: datetime
) -> dict[str, Any]:
    """The allow-list of initial data (workflow-instances.md, 1.4); never a password or key."""
    template = request.template
    renewed = request.renews
    return {
        "AdditionalAttributes": metadata_values.checked_fields(template, wish.additional_fields),
        "CertificateAuthority": str(request.authority),
        "CSR": parsed.csr,
        "Curve": parsed.key.curve_oid,
        "CustomName": wish.custom_name,
        "EnrollmentPattern": template.pk,  # each template has one pattern, under its own id
        "EnrollStepExecuted": False,
        "EnrollmentStartTime": now.isoformat(),
        "Format": wish.certificate_format,
        "IncludeChain": wish.include_chain,
        "InitiatingUserName": actor.name,
        "IsPFX": wish.is_pfx,
        "KeyLength": parsed.key.bits,
        "KeyRetention": template.key_retention != KeyRetentionPolicy.Disabled,
        "KeyType": parsed.key.type,
        "Metadata": parsed.metadata,
        "OwnerRoleId": request.owner_role_id,
        "RequesterEmail": wish.requester_email or actor.email,
        "SANs": sans.grouped(parsed.sans),
        "Subject": parsed.subject,
        "Template": template.common_name,
        **({"CertificateToBeRenewed": _base64(renewed)} if renewed else {}),
    }


def _authority(wish: Wish, template: CertificateTemplate) -> CertificateAuthority:
    own = template.certificate_authority
    if wish.authority.strip() and not own.is_called(wish.authority):
        raise InvalidInput(
            f"The template {template.common_name} is issued by {own}, not by {wish.authority}."
        )
    return own


def _owner(wish: Wish) -> Role | None:
    if wish.owner_role_id is None and not wish.owner_role_name:
        return None
    by_id = {"pk": wish.owner_role_id} if wish.owner_role_id is not None else {}
    by_name = {"name__iexact": wish.owner_role_name} if wish.owner_role_name else {}
    role = Role.objects.filter(**by_id, **by_name).first()
    if role is None:
        raise InvalidInput("There is no role with the OwnerRoleId or OwnerRoleName that was sent.")
    return role


def _renewed(wish: Wish, actor: Actor) -> Certificate | None:
    if wish.renewal_certificate_id is None:
        return None
    certificate = certificates.listed(actor=actor).filter(pk=wish.renewal_certificate_id).first()
    if certificate is None:
        raise InvalidInput(
            f"RenewalCertificateId {wish.renewal_certificate_id} is no certificate, or not one that you may "
            "see; leave it out."
        )
    return certificate


def _base64(certificate: Certificate) -> str:
    return base64.b64encode(bytes(certificate.der)).decode()
