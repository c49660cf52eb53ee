"""Renew Expired Certificate: an enrollment whose end the workflow awaits (workflow-definitions.md, 3.4)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from workflows.access.actors import TIMER_SERVICE
from workflows.actions import enrollment
from workflows.actions.enrollment_wishes import Wish
from workflows.engine import awaiting
from workflows.engine.contracts import (
    Continue,
    Decision,
    Fail,
    Outcome,
    Parameter,
    Query,
    Retry,
    StepContext,
    Wait,
    WaitingStepType,
)
from workflows.engine.registry import register_step
from workflows.models import Certificate, CertificateTemplate, Instance
from workflows.pki import decoding, sans
from workflows.pki.sans import SanKind
from workflows.steps import renewal_enrollments as enrollments
from workflows.vocabulary.parameters import ControlType, ParameterType
from workflows.vocabulary.statuses import FINISHED, InstanceStatus
from workflows.vocabulary.workflow_types import WorkflowType
from workflows.workflow_types.certificates import certificate_of

PAUSE = timedelta(seconds=1)  # until it looks again for an enrollment that somebody has in hands


@register_step
class ExpirationRenewal(WaitingStepType):
    extension_name = "ExpirationRenewal"
    display_name = "Renew Expired Certificate(s)"
    summary = "Enrolls anew for the certificate's subject and names, and succeeds when that does."
    workflow_types = frozenset({WorkflowType.Expiration})
    outputs = ("continue", "error")
    parameters = (
        Parameter(
            "Template",
            "Template",
            default="",
            query=Query("/Templates", "CommonName"),
            help="Empty: that of the old certificate.",
        ),
        Parameter("CA", "Certificate authority", default="", help="Empty: that of the template."),
        Parameter(
            "PushToCertStore",
            "Push to the certificate stores",
            ParameterType.Boolean,
            ControlType.Checkbox,
            default=False,
        ),
    )

    def sets(self, name: str, parameters: Mapping[str, Any]) -> frozenset[str]:
        return frozenset({f"{name}_{what}" for what in ("certificate", "error", "instance")})

    def problems(self, parameters: Mapping[str, Any]) -> list[str]:
        name, authority = parameters["Template"], parameters["CA"]
        pushes = parameters["PushToCertStore"]
        found = ["cannot push to certificate stores; there are none."] if pushes else []
        templates = CertificateTemplate.objects.select_related("certificate_authority")
        if name and not (templates := templates.filter(common_name__iexact=name.strip())):
            return [*found, f"names the template '{name}', which does not exist; GET /Templates lists them."]
        if authority and not any(each.certificate_authority.is_called(authority) for each in templates):
            found.append(f"names the CA '{authority}', which issues no such template; leave CA empty.")
        return found

    def begin(self, context: StepContext) -> Outcome:
        try:
            certificate = certificate_of(context.data)
        except LookupError:
            return Fail("this workflow is about no certificate that exists")
        try:
            child = enrollments.earlier(context) or _begun(certificate, context)
        except enrollments.InOtherHands:
            return Retry(PAUSE, "an enrollment that was begun before is just being worked on")
        return _follow(child, context)

    def tally(self, context: StepContext, decisions: Sequence[Decision]) -> Outcome:
        """What the enrollment has come to; nobody decides anything here."""
        child = enrollments.awaited(context)
        if child is None:
            return Fail("the enrollment that it started has been deleted")
        if child.status not in FINISHED:
            return _wait(child, context)
        issued = enrollments.issued(child) if child.status == InstanceStatus.Complete else None
        return _renewed(child, issued, context) if issued else _failed(child)


def _begun(certificate: Certificate, context: StepContext) -> Instance:
    _, started = enrollment.begin(
        _wish(certificate, context.parameters),
        actor=TIMER_SERVICE,
        guid=context.idempotency_key,
        now=context.now,
    )
    return Instance.objects.select_related("request").get(pk=started.id)


def _follow(child: Instance, context: StepContext) -> Outcome:
    """Nobody else has the enrollment in hands."""
    if child.status not in FINISHED:
        awaiting.expect(child.pk, waiter_id=context.instance.id)
        return _wait(child, context)
    issued = enrollments.issued(child)
    return _renewed(child, issued, context) if issued else _failed(child)


def _wait(child: Instance, context: StepContext) -> Outcome:
    return Wait(
        f"Awaiting the enrollment {child.pk}.", changes={enrollments.output(context): str(child.guid)}
    )


def _failed(child: Instance) -> Outcome:
    return Fail(f"the enrollment {child.pk} ended without a certificate: {child.status_message}")


def _renewed(child: Instance, issued: Certificate, context: StepContext) -> Outcome:
    return Continue(
        {
            enrollments.output(context): str(child.guid),
            f"{context.step.unique_name}_certificate": issued.pk,
        }
    )


def _wish(certificate: Certificate, parameters: Mapping[str, Any]) -> Wish:
    """The old certificate's subject, names and belongings, for a key that the server makes."""
    old = certificate.template.common_name if certificate.template else ""
    return Wish(
        template=parameters["Template"] or old,
        subject=certificate.issued_dn,
        sans=_names(certificate),
        authority=parameters["CA"],
        metadata=certificate.metadata,
        custom_name=certificate.custom_name,
        owner_role_id=certificate.owner_role_id,
        requester_email=certificate.requester.email if certificate.requester else "",
        renewal_certificate_id=certificate.pk,
    )


def _names(certificate: Certificate) -> dict[str, list[str]]:
    keys = {kind.code: kind.key for kind in SanKind} | {SanKind.IP4.code: "ip"}
    described = decoding.describe_certificate(bytes(certificate.der))
    return sans.keyed(sans.san(keys[name.type], name.value) for name in described.alternative_names)
