"""Enrolling: from a request to an instance that ends with a certificate.

A request that cannot be parsed is refused here and leaves nothing behind; one that the template does not
allow makes an instance that ends Failed, so that the requester and the administrators can see why.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from workflows import audit
from workflows.access import policies
from workflows.access.actors import Actor
from workflows.actions import offers, rehearsal, starting
from workflows.actions.enrollment_records import initial_data, request_row
from workflows.actions.enrollment_wishes import ParsedWish, Wish, parse
from workflows.actions.offers import Offer
from workflows.engine import standing
from workflows.engine.starting import Seed, Started
from workflows.errors import DomainError, InvalidTemplate, NotFound, PermissionMissing
from workflows.models import (
    Certificate,
    CertificateRequest,
    CertificateTemplate,
    Instance,
    Role,
    sql,
)
from workflows.pki import sans
from workflows.pki.opinions import Finding
from workflows.vocabulary import messages
from workflows.vocabulary.auditing import Category, Operation
from workflows.vocabulary.enrollment import EnrollmentType
from workflows.vocabulary.permissions import Permission
from workflows.vocabulary.workflow_types import WorkflowType
from workflows.workflow_types import enrollment


@dataclass(frozen=True, slots=True)
class Enrolled:
    """How an enrollment stands when the call answers."""

    request: CertificateRequest
    instance: Instance

    @property
    def certificate(self) -> Certificate | None:
        return self.request.certificates.select_related("authority", "template", "private_key").first()

    @property
    def successor(self) -> Instance | None:
        """The instance as which the request goes on, when somebody restarted it; one that lives has none."""
        return standing.successor(self.instance)


@dataclass(frozen=True, slots=True)
class Preview:
    """What would make an enrollment fail; if nothing would, what pkilint says of the certificate."""

    problems: list[str]
    opinion: tuple[Finding, ...]


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
    template, parsed = offer.template, parse(wish, offer)
    with transaction.atomic():
        request = request_row(wish, parsed, template, actor)
        sql.insert(request)
        data = initial_data(wish, parsed, request, actor, now)
        started = starting.start(WorkflowType.Enrollment, _seed(request, data, actor, guid), now=now)
        _audit(request, parsed, actor)
    return request, started


def preview(wish: Wish, *, actor: Actor) -> Preview:
    """What would become of this enrollment, found out without starting it; raises as `enroll` does."""
    policies.require(actor, Permission.ENROLLMENT_PFX if wish.is_pfx else Permission.ENROLLMENT_CSR)
    offer, now = _offer(wish, actor), timezone.now()
    parsed = parse(wish, offer)
    request = request_row(wish, parsed, offer.template, actor)
    data = initial_data(wish, parsed, request, actor, now)
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


def _audit(request: CertificateRequest, parsed: ParsedWish, actor: Actor) -> None:
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
