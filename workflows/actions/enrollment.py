"""Enrolling: from a request to an instance that ends with a certificate.

A request that cannot be parsed is refused here and leaves nothing behind; one that the template does not
allow makes an instance that ends Failed, so that the requester and the administrators can see why.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from workflows import audit
from workflows.access import policies
from workflows.access.actors import Actor
from workflows.actions import certificates, metadata_values, offers, rehearsal, starting
from workflows.actions.offers import Offer
from workflows.engine.starting import Seed, Started
from workflows.errors import DomainError, InvalidInput, InvalidTemplate, NotFound, PermissionMissing
from workflows.models import (
    Certificate,
    CertificateAuthority,
    CertificateRequest,
    CertificateTemplate,
    Instance,
    Role,
    sql,
)
from workflows.pki import keys, names, sans
from workflows.pki.keys import KeySpec, key_spec_from_json
from workflows.pki.opinions import Finding
from workflows.pki.requests import parse_csr, to_pem
from workflows.vocabulary import messages
from workflows.vocabulary.auditing import Category, Operation
from workflows.vocabulary.enrollment import EnrollmentType, KeyRetentionPolicy
from workflows.vocabulary.permissions import Permission
from workflows.vocabulary.workflow_types import WorkflowType
from workflows.workflow_types import enrollment


@dataclass(frozen=True, slots=True)
class Wish:
    """What a requester asks for, by CSR or by subject and key (POST /Enrollment/CSR and /PFX)."""

    template: str
    csr: str = ""
    subject: str = ""
    sans: Mapping[str, Sequence[str]] = field(default_factory=dict)
    key_type: str = ""
    key_length: int = 0
    curve: str = ""
    authority: str = ""
    metadata: Mapping[str, Any] = field(default_factory=dict)
    additional_fields: Mapping[str, Any] = field(default_factory=dict)
    include_chain: bool = True
    custom_name: str = ""
    owner_role_id: int | None = None
    owner_role_name: str = ""
    requester_email: str = ""
    renewal_certificate_id: int | None = None
    certificate_format: str = ""

    @property
    def is_pfx(self) -> bool:
        return not self.csr


@dataclass(frozen=True, slots=True)
class Enrolled:
    """How an enrollment stands when the call answers."""

    request: CertificateRequest
    instance: Instance

    @property
    def certificate(self) -> Certificate | None:
        return self.request.certificates.select_related("authority", "template", "private_key").first()


@dataclass(frozen=True, slots=True)
class Preview:
    """What would make an enrollment fail; if nothing would, what pkilint says of the certificate."""

    problems: list[str]
    opinion: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class _Parsed:
    """A wish whose parts were read and found well formed."""

    subject: str
    sans: tuple[sans.San, ...]
    key: KeySpec
    csr: str
    metadata: Mapping[str, Any]


def enroll(wish: Wish, *, actor: Actor) -> Enrolled:
    """Start an enrollment and wait, bounded, for its first outcome (D17).

    Raises PermissionMissing, InvalidTemplate, InvalidCsr, InvalidName, KeyNotAllowed or InvalidInput before
    anything is written.
    """
    request, started = begin(wish, actor=actor, guid=uuid4(), now=timezone.now())
    instance = starting.wait_for_all([started])[started.guid]
    return Enrolled(request, instance)


def begin(wish: Wish, *, actor: Actor, guid: UUID, now: datetime) -> tuple[CertificateRequest, Started]:
    """Start an enrollment under the GUID that its instance shall have; raises as `enroll` does."""
    policies.require(actor, Permission.ENROLLMENT_PFX if wish.is_pfx else Permission.ENROLLMENT_CSR)
    offer = _offer(wish, actor)
    template, parsed = offer.template, _parse(wish, offer)
    with transaction.atomic():
        request = _request(wish, parsed, template, actor)
        sql.insert(request)
        data = _data(wish, parsed, request, actor, now)
        started = starting.start(WorkflowType.Enrollment, _seed(request, data, actor, guid), now=now)
        _audit(request, parsed, actor)
    return request, started


def preview(wish: Wish, *, actor: Actor) -> Preview:
    """What would become of this enrollment, found out without starting it; raises as `enroll` does."""
    policies.require(actor, Permission.ENROLLMENT_PFX if wish.is_pfx else Permission.ENROLLMENT_CSR)
    offer, now = _offer(wish, actor), timezone.now()
    parsed = _parse(wish, offer)
    request = _request(wish, parsed, offer.template, actor)
    data = _data(wish, parsed, request, actor, now)
    problems = rehearsal.problems(request, data, now)
    return Preview(problems, () if problems else rehearsal.opinion(request, data))


def templates_for(actor: Actor, kind: EnrollmentType) -> QuerySet[CertificateTemplate]:
    """The templates that the actor may enroll for by CSR or PFX, by name. Raises PermissionMissing."""
    by_pfx = kind is EnrollmentType.PFX
    policies.require(actor, Permission.ENROLLMENT_PFX if by_pfx else Permission.ENROLLMENT_CSR)
    rows = CertificateTemplate.objects.select_related("certificate_authority").order_by("common_name")
    allowed = Q(use_allowed_requesters=False) | Exists(
        Role.objects.filter(certificatetemplate=OuterRef("pk"), pk__in=actor.role_ids)
    )
    return rows.filter(allowed, allowed_enrollment_types__in=[kind, EnrollmentType.PFX | EnrollmentType.CSR])


def own(guid: UUID | str, *, actor: Actor) -> Enrolled:
    """An enrollment that the actor requested, whatever else he may see. Raises NotFound."""
    rows = Instance.objects.select_related("record", "version__definition", "request__template")
    mine = rows.filter(guid=guid, request__requester=actor.user_id, request__isnull=False)
    instance = mine.first() if actor.user_id else None
    if instance is None or instance.request is None:
        raise NotFound(f"There is no enrollment {guid}, or somebody else requested it.")
    return Enrolled(instance.request, instance)


def _offer(wish: Wish, actor: Actor) -> Offer:
    """The template and what goes with it, if the actor may enroll for it in this way."""
    offer = offers.offer(wish.template)
    template = offer.template
    kind = EnrollmentType.PFX if wish.is_pfx else EnrollmentType.CSR
    if not template.allowed_enrollment_types & kind:
        raise InvalidTemplate(
            f"The template {template.common_name} does not allow enrollment by {kind.name}."
        )
    if template.use_allowed_requesters and not _is_allowed_requester(template, actor):
        raise PermissionMissing(
            f"{actor.name} is not among the allowed requesters of {template.common_name}."
        )
    return offer


def _is_allowed_requester(template: CertificateTemplate, actor: Actor) -> bool:
    return template.allowed_requesters.filter(pk__in=actor.role_ids).exists()


def _parse(wish: Wish, offer: Offer) -> _Parsed:
    extra, template = sans.parse_sans(wish.sans), offer.template
    metadata = metadata_values.checked_metadata(wish.metadata, offer.fields)
    if wish.is_pfx:
        subject = names.format_name(names.parse_name(wish.subject))
        return _Parsed(subject, sans.canonical(extra), _wanted_key(wish, template), "", metadata)
    csr = parse_csr(wish.csr)
    _check_key(csr.key, template)
    names_wanted = extra or csr.sans  # SANs that are sent replace those of the CSR, as the reference does
    return _Parsed(csr.subject, sans.canonical(names_wanted), csr.key, to_pem(csr.der), metadata)


def _wanted_key(wish: Wish, template: CertificateTemplate) -> KeySpec:
    """The key to make: as asked, else the template's first."""
    if not wish.key_type:
        return key_spec_from_json(template.key_specs[0])
    spec = keys.parse_key_spec(wish.key_type, wish.key_length or None, wish.curve or None)
    _check_key(spec, template)
    return spec


def _check_key(spec: KeySpec, template: CertificateTemplate) -> None:
    enrollment.profile_of(template).check_key(spec)


def _authority(wish: Wish, template: CertificateTemplate) -> CertificateAuthority:
    own = template.certificate_authority
    wanted = wish.authority.strip().casefold()
    if wanted and wanted not in {str(own).casefold(), own.logical_name.casefold()}:
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


def _request(wish: Wish, parsed: _Parsed, template: CertificateTemplate, actor: Actor) -> CertificateRequest:
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


def _seed(request: CertificateRequest, data: Mapping[str, Any], actor: Actor, guid: UUID) -> Seed:
    return Seed(
        title=enrollment.Enrollment().title(actor.name, data),
        initiating_user_name=actor.name,
        initiator_id=actor.user_id,
        data=data,
        key=str(request.template_id),
        request_id=request.pk,
        failure=pre_process_failure(request, data),
        guid=guid,
    )


def pre_process_failure(request: CertificateRequest, data: Mapping[str, Any]) -> str:
    """The message of an instance that fails before its first step; empty when the subject is allowed."""
    try:
        problems = enrollment.policy_problems(request, data)
    except DomainError as error:
        problems = [str(error)]
    return messages.pre_process_failed(" ".join(problems)) if problems else ""


def _data(
    wish: Wish, parsed: _Parsed, request: CertificateRequest, actor: Actor, now: datetime
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


def _base64(certificate: Certificate) -> str:
    return base64.b64encode(bytes(certificate.der)).decode()


def _audit(request: CertificateRequest, parsed: _Parsed, actor: Actor) -> None:
    audit.record(
        Operation.Created,
        Category.CertificateSigningRequest,
        actor=actor,
        name=parsed.subject or f"Request {request.pk}",
        identifier=request.pk,
        after={
            "Template": request.template.common_name,
            "CertificateAuthority": str(request.authority),
            "Subject": parsed.subject,
            "SANs": sans.keyed(parsed.sans),
            "IsPFX": request.is_pfx,
            "Key": str(parsed.key),
        },
    )
