"""Issuing the certificates of requests: each once, and exactly what was approved.

Runs inside the transaction of the enroll step, so that certificate, request and step commit together. What
the instances of a turn need is read at once, and so are their certificates written.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from workflows.actions import issued, metadata_values, signing
from workflows.actions.issued import TRIED, Issued
from workflows.connectors.authorities.contracts import Order
from workflows.engine.contracts import Fail, Outcome, StepContext
from workflows.errors import DomainError, InvalidInput, IssuanceRefused, Unavailable
from workflows.models import Certificate, CertificateRequest, MetadataField, PrivateKey, SignalDecision
from workflows.pki import decoding, keys
from workflows.pki.intents import IssuanceIntent
from workflows.vocabulary import messages
from workflows.vocabulary.enrollment import CertificateState, KeyRetentionPolicy, PrivateKeyStatus
from workflows.workflow_types import enrollment

Approvals = Mapping[int, Sequence[SignalDecision]]
"""By instance, oldest first: those that are bound to content."""


@dataclass(frozen=True, slots=True)
class _Known:
    """What the instances of a turn begin with; requests and certificates by the id of the request."""

    requests: Mapping[int, CertificateRequest]
    certificates: Mapping[int, Certificate]
    approvals: Approvals
    fields: Sequence[MetadataField]


def issue_all(contexts: Sequence[StepContext]) -> list[Outcome]:
    """The outcomes of enroll steps: a certificate, new or found, or the reference's reason against it."""
    known = _read(contexts)
    made = [_made(context, known) for context in contexts]
    certified = [each for each in made if isinstance(each, Issued)]
    issued.store([each for each in certified if each.certificate.pk is None])
    return [each.outcome if isinstance(each, Issued) else each for each in made]


def approvals_of(instance_ids: Sequence[int]) -> Approvals:
    rows = SignalDecision.objects.filter(instance__in=instance_ids, approved=True).exclude(content_digest="")
    found = defaultdict(list)
    for row in rows.order_by("id"):
        found[row.instance_id].append(row)
    return found


def approval_mismatch(approvals: Sequence[SignalDecision], digest: str) -> Fail | None:
    """A failure when somebody approved other content than what would be done now."""
    other = next((each for each in approvals if each.content_digest != digest), None)
    if other is None:
        return None
    return Fail(
        f"what {other.user_name} approved is not what would be done now, because the request or its template "
        "was changed afterwards; restart it to have the new content approved"
    )


def _read(contexts: Sequence[StepContext]) -> _Known:
    """The certificates are read after the requests are locked: what another worker issued is among them."""
    ids = [context.instance.request_id or 0 for context in contexts]
    locked = CertificateRequest.objects.select_for_update(of=("self",)).filter(pk__in=ids).order_by("pk")
    requests = locked.select_related("template", "authority").prefetch_related("template__regexes")
    by_id = {request.pk: request for request in requests}
    certificates = Certificate.objects.select_related("authority", "request", "template", "private_key")
    return _Known(
        by_id,
        {each.request_id or 0: each for each in certificates.filter(request__in=by_id)},
        approvals_of([context.instance.id for context in contexts]),
        list(MetadataField.objects.all()),
    )


def _made(context: StepContext, known: _Known) -> Issued | Fail:
    try:
        request = known.requests.get(context.instance.request_id or 0)
        if request is None:
            raise InvalidInput("its certificate request has been deleted; start the enrollment anew")
        intent = enrollment.intent_of(request, context.data)
        refusal = _refusal(request, intent, context, known)
        if refusal is not None:
            return refusal
        found = known.certificates.get(request.pk)
        if found is not None:
            return _found(found, intent, context, known)
        return _signed(request, intent, context, known)
    except DomainError as error:
        return Fail(str(error))


def _refusal(
    request: CertificateRequest, intent: IssuanceIntent, context: StepContext, known: _Known
) -> Fail | None:
    """Why nothing may be issued: rights, the template's rules, or approvals given for something else."""
    if not _is_allowed(request):
        return Fail("", message=messages.ACCESS_DENIED, changes=TRIED)
    problems = enrollment.policy_problems(request, context.data)
    if problems:
        return Fail("", message=messages.pre_process_failed(" ".join(problems)), changes=TRIED)
    return approval_mismatch(known.approvals.get(context.instance.id, ()), intent.digest())


def _is_allowed(request: CertificateRequest) -> bool:
    """Whether its requester may have certificates of the template; he may have lost a role meanwhile."""
    template = request.template
    if not template.use_allowed_requesters:
        return True
    return template.allowed_requesters.filter(enabled=True, members__pk=request.requester_id or 0).exists()


def _found(
    certificate: Certificate, intent: IssuanceIntent, context: StepContext, known: _Known
) -> Issued | Fail:
    """Go on with the certificate that this request has already, if it is the same content."""
    if certificate.intent_digest != intent.digest():
        return Fail(
            f"certificate {certificate.pk} (serial number {certificate.serial_number}) was issued for this "
            "request with other content; revoke it and enroll anew"
        )
    done = _with_metadata(certificate, context, known)
    if not done.misfit:
        certificate.save(update_fields=["metadata"])
    return done


def _signed(
    request: CertificateRequest, intent: IssuanceIntent, context: StepContext, known: _Known
) -> Issued | Fail:
    key = keys.generate(intent.key) if request.is_pfx else None
    public_key = keys.public_der(key.public_key()) if key else intent.public_key or b""
    order = Order(intent, public_key, request_key=str(request.pk), now=context.now)
    try:
        issuance = signing.connector_for(request.authority).issue(order)
    except Unavailable as error:
        return Fail("", message=str(error), changes=TRIED)
    except IssuanceRefused as error:
        return _refused(request, messages.refused_by_ca(str(error)))
    certificate = _certificate(request, intent, issuance.certificate.der, context)
    certificate.private_key = _kept_key(request, key)
    return _with_metadata(certificate, context, known)


def _refused(request: CertificateRequest, message: str) -> Fail:
    """What the CA's refusal leaves in the data (workflow-instances.md, 1.4)."""
    answer = {
        "CACertificateRequestId": str(request.pk),
        "CACertificateRequestStatus": CertificateState.Failed,
        "DispositionMessage": message,
    }
    return Fail("", message=message, changes={**TRIED, **answer})


def _with_metadata(certificate: Certificate, context: StepContext, known: _Known) -> Issued:
    """Put the metadata of the data into the certificate's row, unless a step has made them unfit."""
    try:
        certificate.metadata = _metadata(context.data.get("Metadata") or {}, known.fields)
    except InvalidInput as error:
        return Issued(certificate, context, misfit=str(error))
    return Issued(certificate, context)


def _metadata(given: Any, fields: Sequence[MetadataField]) -> dict[str, Any]:
    if not isinstance(given, Mapping):
        raise InvalidInput("Metadata must be an object of field names and values.")
    return metadata_values.checked_metadata(given, fields)


def _kept_key(request: CertificateRequest, key: keys.PrivateKey | None) -> PrivateKey | None:
    """Encrypt a server-made key until it is fetched, or for as long as the template retains it."""
    if key is None:
        return None
    retained = request.template.key_retention != KeyRetentionPolicy.Disabled
    status = PrivateKeyStatus.Retained if retained else PrivateKeyStatus.AwaitingPickup
    request.private_key = signing.store_key(key, "certificate", status)
    request.save(update_fields=["private_key"])
    return request.private_key


def _certificate(
    request: CertificateRequest, intent: IssuanceIntent, der: bytes, context: StepContext
) -> Certificate:
    described = decoding.describe_certificate(der)
    return Certificate(
        request=request,
        authority=request.authority,
        template=request.template,
        serial_number=described.serial_number,
        thumbprint=described.thumbprint,
        issued_dn=described.subject,
        issued_cn=described.common_name,
        issuer_dn=described.issuer,
        not_before=described.not_before,
        not_after=described.not_after,
        der=der,
        intent_digest=intent.digest(),
        requester_id=request.requester_id,
        requester_name=request.requester_name,
        owner_role_id=request.owner_role_id,
        custom_name=context.data.get("CustomName") or "",
    )
