"""What an enrollment answers: the certificate, that it is awaited, or why there is none (docs/api.md)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from workflows.actions.enrollment import Enrolled
from workflows.errors import WorkflowFailed
from workflows.models import Certificate, CertificateRequest, Instance
from workflows.vocabulary.enrollment import PrivateKeyStatus, RequestDisposition
from workflows.vocabulary.statuses import FINISHED, InstanceStatus


@dataclass(frozen=True, slots=True)
class EnrollmentAnswer:
    """The certificate is None while a workflow holds it; its texts and file are filled in for who asked."""

    request: CertificateRequest
    instance: Instance
    certificate: Certificate | None
    disposition: RequestDisposition
    message: str
    certificates: list[str] | None = None
    pkcs12_blob: str | None = None
    key_status: PrivateKeyStatus = PrivateKeyStatus.Unknown

    @property
    def metadata(self) -> Mapping[str, str]:
        values = self.instance.data.get("Metadata") or {}
        return {name: str(value) for name, value in values.items()}


def answer_to(enrolled: Enrolled) -> EnrollmentAnswer:
    """ISSUED or PENDING (D8). Raises WorkflowFailed when the workflow ended without success."""
    instance = enrolled.instance
    certificate = enrolled.certificate
    if instance.status == InstanceStatus.Complete and certificate is not None:
        issued = RequestDisposition.ISSUED
        return EnrollmentAnswer(enrolled.request, instance, certificate, issued, instance.status_message)
    if instance.status in FINISHED:
        raise _failure(enrolled)
    pending = RequestDisposition.PENDING
    return EnrollmentAnswer(enrolled.request, instance, None, pending, awaited(instance))


def awaited(instance: Instance) -> str:
    """What an unfinished instance waits for, or where it is."""
    if instance.status == InstanceStatus.Suspended:
        return instance.status_message
    message = f": {instance.status_message}" if instance.status_message else "."
    return f"The workflow is at step '{instance.step_display_name}'{message}"


def _failure(enrolled: Enrolled) -> WorkflowFailed:
    """Names the instance, and the certificate where the failure came after it was issued."""
    instance = enrolled.instance
    rejected = instance.status == InstanceStatus.Rejected
    details: dict[str, Any] = {
        "RequestDisposition": RequestDisposition.REJECTED if rejected else RequestDisposition.FAILED,
        "WorkflowInstanceId": str(instance.guid),
        "WorkflowReferenceId": instance.pk,
        "KeyfactorRequestId": enrolled.request.pk,
    }
    if enrolled.certificate is not None:
        details["KeyfactorId"] = enrolled.certificate.pk
    return WorkflowFailed(instance.status_message or "The workflow ended without a certificate.", **details)
