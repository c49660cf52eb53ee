"""Issuing the certificate of a request: once, and exactly what was approved.

Runs inside the transaction of the enroll step, so that certificate, request and step commit together.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from workflows import audit
from workflows.access.actors import Actor
from workflows.actions import metadata_values, signing
from workflows.connectors.authorities.contracts import Order
from workflows.engine.contracts import Continue, Fail, Outcome, StepContext
from workflows.errors import InvalidInput, IssuanceRefused, Unavailable
from workflows.models import (
    Certificate,
    CertificateOperation,
    CertificateRequest,
    CertificateTemplate,
    PrivateKey,
    SignalDecision,
)
from workflows.pki import decoding, keys
from workflows.pki.intents import IssuanceIntent
from workflows.vocabulary import messages
from workflows.vocabulary.auditing import Category, Operation
from workflows.vocabulary.enrollment import KeyRetentionPolicy, PrivateKeyStatus, RequestDisposition
from workflows.workflow_types import enrollment


def issue(context: StepContext) -> Outcome:
    """The outcome of an enroll step: the certificate, new or found, or the reference's reason against it."""
    request = _locked(context)
    intent = enrollment.intent_of(request, context.data)
    refusal = _refusal(context, request, intent)
    if refusal is not None:
        return refusal
    issued = request.certificates.first()
    if issued is not None:
        return _found(issued, intent, context)
    return _sign(context, request, intent)


def _locked(context: StepContext) -> CertificateRequest:
    requests = CertificateRequest.objects.select_for_update(of=("self",))
    request = (
        requests.select_related("template", "authority")
        .prefetch_related("template__regexes")
        .filter(pk=context.instance.request_id or 0)
        .first()
    )
    if request is None:
        raise InvalidInput("its certificate request has been deleted; start the enrollment anew")
    return request


def _refusal(context: StepContext, request: CertificateRequest, intent: IssuanceIntent) -> Fail | None:
    """Why nothing may be issued: rights, the template's rules, or approvals given for something else."""
    if not _is_allowed(request):
        return Fail("", message=messages.ACCESS_DENIED, changes=_tried())
    problems = enrollment.policy_problems(request, context.data)
    if problems:
        return Fail("", message=messages.pre_process_failed(" ".join(problems)), changes=_tried())
    return approval_mismatch(context.instance.id, intent.digest())


def _is_allowed(request: CertificateRequest) -> bool:
    """Whether its requester may have certificates of the template; he may have lost a role meanwhile."""
    allowed = request.template.allowed_requesters.filter(enabled=True, members__pk=request.requester_id or 0)
    return not request.template.use_allowed_requesters or allowed.exists()


def approval_mismatch(instance_id: int, digest: str) -> Fail | None:
    """A failure when somebody approved other content than what would be done now."""
    approvals = SignalDecision.objects.filter(instance=instance_id, approved=True)
    other = approvals.exclude(content_digest__in=["", digest]).order_by("id").first()
    if other is None:
        return None
    return Fail(
        f"what {other.user_name} approved is not what would be done now, because the request or its template "
        "was changed afterwards; restart it to have the new content approved"
    )


def _found(issued: Certificate, intent: IssuanceIntent, context: StepContext) -> Outcome:
    """Go on with the certificate that this request has already, if it is the same content."""
    if issued.intent_digest != intent.digest():
        return Fail(
            f"certificate {issued.pk} (serial number {issued.serial_number}) was issued for this request "
            "with other content; revoke it and enroll anew"
        )
    return _post_process(issued, context)


def _sign(context: StepContext, request: CertificateRequest, intent: IssuanceIntent) -> Outcome:
    key = keys.generate(intent.key) if request.is_pfx else None
    public_key = keys.public_der(key.public_key()) if key else intent.public_key or b""
    order = Order(intent, public_key, request_key=str(request.pk), now=context.now)
    try:
        issuance = signing.connector_for(request.authority).issue(order)
    except Unavailable as error:
        return Fail("", message=str(error), changes=_tried())
    except IssuanceRefused as error:
        return Fail("", message=messages.refused_by_ca(str(error)), changes=_tried())
    held = _keep_key(request, key)
    certificate = _store(request, intent, issuance.certificate.der, held, context)
    _write_history(certificate, context)
    return _post_process(certificate, context)


def _post_process(certificate: Certificate, context: StepContext) -> Outcome:
    """Keep the metadata with the certificate, which exists whatever comes of this: a restart finds it."""
    try:
        certificate.metadata = _metadata(context.data.get("Metadata") or {})
    except InvalidInput as error:
        message = messages.post_process_failed(str(error))
        return Fail("", message=message, changes=_issued_data(certificate))
    certificate.save(update_fields=["metadata"])
    return Continue(_issued_data(certificate), message=_message(certificate))


def _metadata(given: Any) -> dict[str, Any]:
    """The values to keep with the certificate; raises InvalidInput for what a step has made unfit."""
    if not isinstance(given, Mapping):
        raise InvalidInput("Metadata must be an object of field names and values.")
    return metadata_values.checked_metadata(given)


def _keep_key(request: CertificateRequest, key: keys.PrivateKey | None) -> PrivateKey | None:
    """Encrypt a server-made key until it is fetched, or for as long as the template retains it."""
    if key is None:
        return None
    retained = request.template.key_retention != KeyRetentionPolicy.Disabled
    status = PrivateKeyStatus.Retained if retained else PrivateKeyStatus.AwaitingPickup
    request.private_key = signing.store_key(key, "certificate", status)
    request.save(update_fields=["private_key"])
    return request.private_key


def _store(
    request: CertificateRequest,
    intent: IssuanceIntent,
    der: bytes,
    key: PrivateKey | None,
    context: StepContext,
) -> Certificate:
    described = decoding.describe_certificate(der)
    return Certificate.objects.create(
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
        private_key=key,
        requester_id=request.requester_id,
        requester_name=request.requester_name,
        owner_role_id=request.owner_role_id,
        custom_name=context.data.get("CustomName") or "",
    )


def _write_history(certificate: Certificate, context: StepContext) -> None:
    CertificateOperation.objects.create(
        certificate=certificate,
        action="Issued",
        user_name=certificate.requester_name,
        started_at=context.now,
        ended_at=context.now,
    )
    audit.record(
        Operation.Created,
        Category.Certificate,
        actor=Actor(context.instance.initiator_id, certificate.requester_name),
        name=certificate.issued_dn or certificate.serial_number,
        identifier=certificate.pk,
        after=summary(certificate),
    )


def summary(certificate: Certificate) -> dict[str, Any]:
    """What audit entries say of a certificate."""
    return {
        "SerialNumber": certificate.serial_number,
        "Thumbprint": certificate.thumbprint,
        "IssuedDN": certificate.issued_dn,
        "IssuerDN": certificate.issuer_dn,
        "NotAfter": _iso(certificate.not_after),
        "State": certificate.state,
        "RequestId": certificate.request_id,
    }


def _issued_data(certificate: Certificate) -> Mapping[str, Any]:
    """What issuance adds to the data (workflow-instances.md, 1.4)."""
    der = bytes(certificate.der)
    raw = base64.b64encode(der).decode()
    request = certificate.request
    return {
        **_tried(),
        "KeyfactorId": certificate.pk,
        "SerialNumber": certificate.serial_number,
        "Thumbprint": certificate.thumbprint,
        "IssuerDN": certificate.issuer_dn,
        "RawCertificate": raw,
        "Disposition": 1,
        "DispositionMessage": _message(certificate),
        "KeyStatus": certificate.private_key.status if certificate.private_key else PrivateKeyStatus.NotHeld,
        "CACertificate": {
            "CertificateId": certificate.pk,
            "CARequestId": str(certificate.request_id),
            "Status": certificate.state,
            "CertificateBase64": raw,
            "Template": _template_name(certificate.template),
            "RevocationDate": None,
            "RevocationReason": None,
            "ArchivedKey": False,
        },
        "CACertificateRequest": {
            "CARequestId": str(certificate.request_id),
            "Status": 1,
            "CSR": request.csr if request else "",
            "RequesterName": certificate.requester_name,
        },
        "RequestDisposition": RequestDisposition.ISSUED,
    }


def _tried() -> dict[str, Any]:
    return {"EnrollStepExecuted": True}


def _message(certificate: Certificate) -> str:
    key = certificate.private_key
    retained = key is not None and key.status == PrivateKeyStatus.Retained
    return messages.ISSUED_KEY_RETAINED if retained else messages.ISSUED


def _template_name(template: CertificateTemplate | None) -> str:
    return template.common_name if template else ""


def _iso(moment: datetime) -> str:
    return moment.isoformat()
