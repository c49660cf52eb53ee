"""Certificates just signed: the rows that tell of them, and what their instances learn."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from workflows import audit
from workflows.access.actors import Actor
from workflows.engine.contracts import Continue, Fail, Outcome, StepContext
from workflows.models import AuditEntry, Certificate, CertificateOperation
from workflows.vocabulary import messages
from workflows.vocabulary.auditing import Category, Operation
from workflows.vocabulary.enrollment import PrivateKeyStatus, RequestDisposition

TRIED: Mapping[str, Any] = {"EnrollStepExecuted": True}


@dataclass(frozen=True, slots=True)
class Issued:
    """A certificate of an instance; `misfit` says why the metadata could not be kept with it."""

    certificate: Certificate
    context: StepContext
    misfit: str = ""

    @property
    def outcome(self) -> Outcome:
        """The certificate exists whatever comes of the metadata: a restart finds it."""
        changes = {**_data(self.certificate), **self._chain()}
        if self.misfit:
            return Fail("", message=messages.post_process_failed(self.misfit), changes=changes)
        return Continue(changes, message=_message(self.certificate))

    def _chain(self) -> Mapping[str, Any]:
        """The certificates of the CA up to the root, in PEM, if the requester wanted the chain."""
        wanted = self.context.data.get("IncludeChain")
        return {"CertificateChainContent": self.certificate.authority.chain_pem} if wanted else {}


def store(signed: Sequence[Issued]) -> None:
    """Write new certificates, a line of history and an audit entry each, by one statement a table."""
    if signed:
        Certificate.objects.bulk_create([each.certificate for each in signed])
        CertificateOperation.objects.bulk_create([_operation(each) for each in signed])
        audit.record_all([_entry(each) for each in signed])


def summary(certificate: Certificate) -> dict[str, Any]:
    """What audit entries say of a certificate."""
    return {
        "SerialNumber": certificate.serial_number,
        "Thumbprint": certificate.thumbprint,
        "IssuedDN": certificate.issued_dn,
        "IssuerDN": certificate.issuer_dn,
        "NotAfter": certificate.not_after.isoformat(),
        "State": certificate.state,
        "RequestId": certificate.request_id,
    }


def _operation(signed: Issued) -> CertificateOperation:
    return CertificateOperation(
        certificate=signed.certificate,
        action="Issued",
        user_name=signed.certificate.requester_name,
        started_at=signed.context.now,
        ended_at=signed.context.now,
    )


def _entry(signed: Issued) -> AuditEntry:
    certificate = signed.certificate
    return audit.entry(
        Operation.Created,
        Category.Certificate,
        actor=Actor(signed.context.instance.initiator_id, certificate.requester_name),
        name=certificate.issued_dn or certificate.serial_number,
        identifier=certificate.pk,
        after=summary(certificate),
    )


def _data(certificate: Certificate) -> Mapping[str, Any]:
    """What issuance adds to the data (workflow-instances.md, 1.4)."""
    raw = base64.b64encode(bytes(certificate.der)).decode()
    key = certificate.private_key
    return {
        **TRIED,
        "KeyfactorId": certificate.pk,
        "SerialNumber": certificate.serial_number,
        "Thumbprint": certificate.thumbprint,
        "IssuerDN": certificate.issuer_dn,
        "RawCertificate": raw,
        "Disposition": 1,
        "DispositionMessage": _message(certificate),
        "KeyStatus": key.status if key else PrivateKeyStatus.NotHeld,
        "CACertificate": _authority_answer(certificate, raw),
        "CACertificateRequest": {
            "CARequestId": str(certificate.request_id),
            "Status": 1,
            "CSR": certificate.request.csr if certificate.request else "",
            "RequesterName": certificate.requester_name,
        },
        "RequestDisposition": RequestDisposition.ISSUED,
    }


def _authority_answer(certificate: Certificate, raw: str) -> dict[str, Any]:
    return {
        "CertificateId": certificate.pk,
        "CARequestId": str(certificate.request_id),
        "Status": certificate.state,
        "CertificateBase64": raw,
        "Template": certificate.template.common_name if certificate.template else "",
        "RevocationDate": None,
        "RevocationReason": None,
        "ArchivedKey": False,
    }


def _message(certificate: Certificate) -> str:
    key = certificate.private_key
    retained = key is not None and key.status == PrivateKeyStatus.Retained
    return messages.ISSUED_KEY_RETAINED if retained else messages.ISSUED
