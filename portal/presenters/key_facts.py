"""What a decision is about, the subject first (components/key_facts.html)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from portal.presenters import decoded
from portal.presenters.decoded import SanGroup
from portal.presenters.differences import Change
from portal.presenters.steps import workflow_type_label
from workflows.actions import rehearsal, signing
from workflows.errors import DomainError
from workflows.models import Certificate, CertificateRequest, Instance
from workflows.pki import building, decoding
from workflows.pki.intents import IssuanceIntent
from workflows.pki.keys import parse_key_spec
from workflows.vocabulary.statuses import FINISHED
from workflows.vocabulary.workflow_types import WorkflowType
from workflows.workflow_types import enrollment, revocation


@dataclass(frozen=True)
class Requester:
    name: str
    email: str = ""


@dataclass(frozen=True)
class Finding:
    severity: str
    text: str


@dataclass(frozen=True)
class Facts:
    kind: str
    kind_label: str
    subject: str
    requester: Requester
    sans: Sequence[SanGroup] = ()
    template: str = ""
    authority: str = ""
    key: str = ""
    key_origin: str = ""
    usages: Sequence[str] = ()
    valid_days: int | None = None
    valid_to: datetime | None = None
    metadata: Sequence[tuple[str, Any]] = ()
    certificate_id: int | None = None
    serial_number: str = ""
    thumbprint: str = ""
    reason: str = ""
    effective: datetime | None = None
    comment: str = ""
    differences: Sequence[Change] | None = None
    findings: Sequence[Finding] | None = None


def key_facts(instance: Instance, now: datetime) -> Facts:
    """The facts of one instance; those that cannot be made out any more are left out."""
    if instance.request is not None:
        return _enrollment(instance, instance.request, now)
    if instance.record.workflow_type == WorkflowType.Revocation and instance.certificate is not None:
        return _revocation(instance, instance.certificate)
    label = workflow_type_label(instance.record.workflow_type)
    return Facts("other", label, instance.record.title, _requester(instance))


def _enrollment(instance: Instance, request: CertificateRequest, now: datetime) -> Facts:
    data = instance.data
    label = _("Renewal") if request.renews else _("Certificate request")
    is_over = instance.status in FINISHED
    plain = Facts(
        "enrollment",
        label,
        str(data.get("Subject") or ""),
        _requester(instance),
        template=request.template.display_name,
        authority=str(request.authority),
        metadata=list(_metadata(data)),
        findings=None if is_over else _findings(request, data, now),
    )
    try:
        intent = enrollment.intent_of(request, data)
        facts = _with_intent(plain, intent, request, now)
    except DomainError:
        return plain
    return replace(facts, valid_to=_issued_until(request, data)) if is_over else facts


def _findings(request: CertificateRequest, data: Mapping[str, Any], now: datetime) -> list[Finding] | None:
    """Of what would be issued now."""
    found = rehearsal.problems(request, data, now)
    return [Finding("error", text) for text in found] if found or not request.is_pfx else None


def _issued_until(request: CertificateRequest, data: Mapping[str, Any]) -> datetime | None:
    """Until when the certificate is valid that this instance has issued, if it has."""
    issued = request.certificates.first() if data.get("SerialNumber") else None
    return issued.not_after if issued else None


def _with_intent(plain: Facts, intent: IssuanceIntent, request: CertificateRequest, now: datetime) -> Facts:
    by_server = _("made by the server") if request.is_pfx else _("made by the requester")
    issuer = signing.chain_of(request.authority)[0]
    return replace(
        plain,
        subject=intent.subject,
        sans=decoded.san_groups(intent.sans),
        key=str(intent.key),
        key_origin=by_server,
        usages=_usages(intent),
        valid_days=intent.validity_days,
        valid_to=building.validity(now, intent.validity_days, issuer).not_after,
        differences=_differences(request.renews, intent) if request.renews else None,
    )


def _revocation(instance: Instance, certificate: Certificate) -> Facts:
    data = instance.data
    plain = Facts(
        "revocation",
        _("Revocation"),
        certificate.issued_dn,
        _requester(instance),
        authority=str(certificate.authority),
        valid_to=certificate.not_after,
        certificate_id=certificate.pk,
        serial_number=certificate.serial_number,
        thumbprint=certificate.thumbprint,
        comment=str(data.get("Comment") or ""),
    )
    try:
        intent = revocation.intent_of(data)
    except (DomainError, KeyError):
        return plain
    return replace(plain, reason=intent.reason.label, effective=intent.effective_at)


def _requester(instance: Instance) -> Requester:
    email = instance.data.get("RequesterEmail")
    return Requester(instance.record.initiating_user_name, email if isinstance(email, str) else "")


def _metadata(data: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for key in ("Metadata", "AdditionalAttributes"):
        values = data.get(key)
        if isinstance(values, Mapping):
            yield from values.items()


def _usages(intent: IssuanceIntent) -> list[str]:
    return decoded.purpose_names(intent.extended_key_usages) or decoded.usage_names(intent.key_usages)


def _differences(old: Certificate, intent: IssuanceIntent) -> list[Change]:
    before = decoding.describe_certificate(bytes(old.der))
    names = decoded.alternative_names(before)
    wanted = {group.heading: list(group.values) for group in decoded.san_groups(intent.sans)}
    pairs = [
        (_("Subject"), before.subject, intent.subject),
        *((kind, sorted(names.get(kind, [])), sorted(wanted.get(kind, []))) for kind in {**names, **wanted}),
        (_("Key"), decoded.described_key(before.key), str(intent.key)),
        (
            _("May be used for"),
            sorted(purpose.name for purpose in before.purposes),
            sorted(decoded.purpose_names(intent.extended_key_usages)),
        ),
    ]
    return [Change(name, was, will_be) for name, was, will_be in pairs if was != will_be]


def facts_line(data: Mapping[str, Any]) -> str:
    """`WebServer · ECC P-256 · 2 names`, or what a revocation is about, for one line of a list."""
    if "RevokeCode" in data:
        return _reason(data)
    sans = data.get("SANs")
    count = sum(len(group) for group in sans.values()) if isinstance(sans, Mapping) else 0
    names = ngettext("%(n)d name", "%(n)d names", count) % {"n": count} if count else ""
    return " · ".join(str(part) for part in (data.get("Template"), _key(data), names) if part)


def _key(data: Mapping[str, Any]) -> str:
    try:
        spec = parse_key_spec(str(data.get("KeyType")), data.get("KeyLength"), data.get("Curve"))
    except (DomainError, TypeError, ValueError):
        return ""
    return str(spec)


def _reason(data: Mapping[str, Any]) -> str:
    try:
        return revocation.reason_of(data["RevokeCode"]).label
    except DomainError:
        return str(data["RevokeCode"])
