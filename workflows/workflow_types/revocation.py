"""Revocation: the data it brings and the decision that its approvals are bound to."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import UTC, datetime
from typing import Any, ClassVar

from workflows.engine.contracts import InstanceFacts
from workflows.engine.registry import register_workflow_type
from workflows.engine.workflow_type import Alias, WorkflowTypeSpec
from workflows.errors import InvalidInput
from workflows.pki.intents import RevocationIntent
from workflows.vocabulary.revocation_reasons import RevocationReason
from workflows.vocabulary.workflow_types import WorkflowType
from workflows.workflow_types import certificates
from workflows.workflow_types.enrollment import template_for_key, template_names


@register_workflow_type
class Revocation(WorkflowTypeSpec):
    name = WorkflowType.Revocation
    display_name = "Revocation"
    key_type = "CertificateTemplate"
    built_in_step = "RevokeStep"
    has_global = True
    context_parameters = (
        "approvalsignalcmnts",
        "CA",
        "certid",
        "cmnt",
        "cn",
        "code",
        "dn",
        "metadata",
        "requester",
    )
    aliases: ClassVar[Mapping[str, Alias]] = {
        "CA": lambda data: data["CertificateAuthority"],
        "certid": lambda data: data["CertificateId"],
        "cmnt": lambda data: data["Comment"],
        "cn": lambda data: data["CommonName"],
        "code": lambda data: reason_of(data["RevokeCode"]).label,
        "dn": lambda data: data["Subject"],
        "metadata": certificates.TOKENS["metadata"],
        "requester": lambda data: data["InitiatingUserName"],
    }

    brings = (
        "CertificateAuthority",
        "CertificateId",
        "Comment",
        "CommonName",
        "Delegate",
        "EffectiveDate",
        "InitiatingUserName",
        "OperationStart",
        "RevokeCode",
        "SerialNumber",
        "Subject",
        "Thumbprint",
    )
    later = frozenset({"approvalsignalcmnts"})
    approved = frozenset({"EffectiveDate", "RevokeCode", "Thumbprint"})

    def key_display_name(self, key: str) -> str:
        return template_for_key(key).display_name

    def key_display_names(self, keys: Collection[str]) -> Mapping[str, str]:
        return template_names(keys)

    def title(self, user_name: str, data: Mapping[str, Any]) -> str:
        name = data.get("CommonName")
        return (
            f"{user_name} is revoking certificate with {f'CN={name}' if name else data.get('Subject') or ''}."
        )

    def content_digest(self, instance: InstanceFacts, data: Mapping[str, Any]) -> str:
        return intent_of(data).digest()


def intent_of(data: Mapping[str, Any]) -> RevocationIntent:
    """What would be revoked: certificate, reason, date, from the *current* data; raises InvalidInput."""
    return RevocationIntent(str(data["Thumbprint"]), reason_of(data["RevokeCode"]), effective_date(data))


def reason_of(value: Any) -> RevocationReason:
    """The reason a number or name stands for; raises InvalidInput."""
    try:
        return (
            RevocationReason[value]
            if isinstance(value, str) and not _is_number(value)
            else RevocationReason(int(value))
        )
    except (KeyError, ValueError, TypeError) as error:
        known = ", ".join(f"{reason.value} {reason.label}" for reason in RevocationReason)
        raise InvalidInput(f"RevokeCode {value!r} is no revocation reason; use one of {known}.") from error


def effective_date(data: Mapping[str, Any]) -> datetime:
    """When the certificate counts as revoked, in UTC where the text names no zone; raises InvalidInput."""
    try:
        moment = datetime.fromisoformat(str(data["EffectiveDate"]))
    except ValueError as error:
        raise InvalidInput("EffectiveDate must be a date such as 2026-11-22T10:00:00Z.") from error
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _is_number(text: str) -> bool:
    return text.removeprefix("-").isdigit()
