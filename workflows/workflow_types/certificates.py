"""What the types about one certificate share: the tokens that read it.

The data names the certificate by `CertificateId`; the rest is looked up when a token asks for it, so that
starting thousands of instances costs no look-up at all.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from workflows.engine.workflow_type import Alias
from workflows.models import Certificate


def certificate_of(data: Mapping[str, Any]) -> Certificate:
    """The certificate that the data names; raises LookupError when there is none."""
    related = Certificate.objects.select_related("authority", "template", "owner_role")
    found = related.filter(pk=data["CertificateId"]).first()
    if found is None:
        raise LookupError(data["CertificateId"])
    return found


def in_words(data: Mapping[str, Any]) -> str:
    """`certificate with CN=…` for titles, or its id where the data holds no name."""
    if name := data.get("CommonName"):
        return f"certificate with CN={name}"
    return f"certificate with id {data.get('CertificateId')}"


def _template(data: Mapping[str, Any]) -> str:
    template = certificate_of(data).template
    if template is None:
        raise LookupError("Template")
    return template.common_name


def _owner_role_email(data: Mapping[str, Any]) -> str:
    owner = certificate_of(data).owner_role
    if owner is None or not owner.email_address:
        raise LookupError("ownerroleemail")
    return owner.email_address


def _date(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


TOKENS: Mapping[str, Alias] = {
    "CA": lambda data: str(certificate_of(data).authority),
    "certid": lambda data: data["CertificateId"],
    "cn": lambda data: certificate_of(data).issued_cn,
    "dn": lambda data: certificate_of(data).issued_dn,
    "expdate": lambda data: _date(certificate_of(data).not_after),
    "issuancedate": lambda data: _date(certificate_of(data).not_before),
    "metadata": lambda data: certificate_of(data).metadata,
    "ownerroleemail": _owner_role_email,
    "Template": _template,
    "thumbprint": lambda data: certificate_of(data).thumbprint,
}
"""What each yields: `host\\logical name` of the CA, id, common name, subject, dates in UTC, metadata by field
name, mail address of the owning role, name of the template, SHA-1 thumbprint (workflow-definitions.md, 4)."""
