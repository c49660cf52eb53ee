"""Current Data of an instance, named and ordered as people know it (workflow-instances.md, 1.4; seed 001).

Documented keys get the names that people know, custom ones stand among them under their own; all are sorted
by name, and those that hold nothing are only named at the end. The signing request and the certificate follow
once more, decoded.
"""

from __future__ import annotations

import enum
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.utils.translation import gettext as _

from portal.presenters import decoded
from workflows.errors import DomainError, KeyNotAllowed
from workflows.pki.keys import curve_spec
from workflows.vocabulary.enrollment import PrivateKeyStatus
from workflows.vocabulary.revocation_reasons import RevocationReason
from workflows.vocabulary.workflow_types import WorkflowType


@dataclass(frozen=True)
class Entry:
    label: str
    value: Any
    kind: str = ""  # "dn" or "hex" where the value is shown in a way of its own


@dataclass(frozen=True)
class Group:
    """`empty` are the labels of what is there and holds nothing; one line tells of them all."""

    label: str
    entries: tuple[Entry, ...]
    empty: tuple[str, ...] = ()


_CERTIFICATE = frozenset({"CertificateId"})
_STORE = _CERTIFICATE | {"CertificateStoreId", "ContainerId"}

DOCUMENTED: Mapping[WorkflowType, frozenset[str]] = {
    WorkflowType.CertificateEnteredCollection: _CERTIFICATE,
    WorkflowType.CertificateLeftCollection: _CERTIFICATE,
    WorkflowType.CertificateEnteredStore: _STORE,
    WorkflowType.CertificateLeftStore: _STORE,
    WorkflowType.Enrollment: frozenset(
        """AdditionalAttributes AlternativeKeyLength AlternativeKeyType CACertificate CACertificateRequest
        CACertificateRequestId CACertificateRequestStatus CertificateAuthority CertificateChainContent
        CertificateToBeRenewed CSR Curve CustomName Disposition DispositionMessage EnrollmentContext
        EnrollmentPattern EnrollmentStartTime EnrollStepExecuted Format IncludeChain InitiatingUserName IsPFX
        IssuerDN KeyfactorId KeyLength KeyRetention KeyStatus KeyType ManagementJobTime Metadata OwnerRoleId
        RawCertificate RequestDisposition RequesterEmail SANs SerialNumber Stores Subject Template
        Thumbprint""".split()  # noqa: SIM905 (a table for eyes)
    ),
    WorkflowType.Expiration: frozenset({"AlertId", "CertificateId"}),
    WorkflowType.KeyRotation: frozenset({"AlertId", "Serial", "Username"}),
    WorkflowType.Revocation: frozenset(
        """CertificateAuthority CertificateId Comment CommonName Delegate EffectiveDate InitiatingUserName
        OperationStart RevokeCode SerialNumber Subject Thumbprint""".split()  # noqa: SIM905 (as above)
    ),
    WorkflowType.RevocationMonitoring: frozenset({"AlertId", "Status", "Subject", "URL"}),
}

# Names that the rule "a blank before each capital" does not give.
_NAMES = {
    "CSR": "CSR",
    "IsPFX": "Is PFX",
    "IssuerDN": "Issuer Dn",
    "RevokeCode": "RevokeCode",
    "SANs": "SANs",
    "URL": "URL",
}
_NOTHING: tuple[Any, ...] = (None, "", [], {})
_WORD = re.compile(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_HEX = frozenset({"SerialNumber", "Thumbprint"})
_MOMENTS = frozenset({"EffectiveDate", "EnrollmentStartTime", "OperationStart"})


def current_data(workflow_type: str, data: Mapping[str, Any]) -> list[Group]:
    """The groups of `workflows/instance_data.html`."""
    if not data:
        return []
    documented = DOCUMENTED.get(WorkflowType(workflow_type), frozenset())
    entries = [_entry(key, value, is_documented=key in documented) for key, value in data.items()]
    entries.sort(key=lambda entry: entry.label.casefold())
    held = tuple(entry for entry in entries if entry.value not in _NOTHING)
    empty = tuple(entry.label for entry in entries if entry.value in _NOTHING)
    return [
        Group("", held, empty),
        *_decoded(data, _("CSR, decoded"), "CSR", decoded.request),
        *_certificate(data),
    ]


def label_of(key: str) -> str:
    """`Certificate Authority` for `CertificateAuthority`."""
    return _NAMES.get(key) or _WORD.sub(" ", key)


def _entry(key: str, value: Any, *, is_documented: bool) -> Entry:
    if not is_documented:
        return Entry(key, value)
    return Entry(label_of(key), _readable(key, value), _kind(key, value))


def _kind(key: str, value: Any) -> str:
    if not isinstance(value, str) or not value:
        return ""
    if key in _HEX:
        return "hex"
    return "dn" if key == "IssuerDN" or (key == "Subject" and "=" in value) else ""


def _readable(key: str, value: Any) -> Any:
    """Times as times, numbers of closed sets and curves with their names."""
    if key in _MOMENTS:
        return _moment(value)
    if key == "RevokeCode":
        return _named(RevocationReason, value)
    if key == "Curve":
        return _curve(value)
    return _named(PrivateKeyStatus, value) if key == "KeyStatus" else value


def _moment(value: Any) -> Any:
    try:
        moment = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        return value
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _curve(value: Any) -> Any:
    """`P-256` for its OID."""
    try:
        return curve_spec(value).curve if isinstance(value, str) and value else value
    except KeyNotAllowed:
        return value


def _named(words: type[enum.IntEnum], value: Any) -> Any:
    try:
        word = words(value)
    except ValueError:
        return value
    return f"{value} ({getattr(word, 'label', word.name)})"


def _certificate(data: Mapping[str, Any]) -> list[Group]:
    return [
        *_decoded(data, _("Raw Certificate, decoded"), "RawCertificate", decoded.certificate),
        *_decoded(
            data, _("Certificate To Be Renewed, decoded"), "CertificateToBeRenewed", decoded.certificate
        ),
    ]


def _decoded(
    data: Mapping[str, Any], label: str, key: str, decode: Callable[[str], list[decoded.Part]]
) -> list[Group]:
    text = data.get(key)
    if not isinstance(text, str) or not text:
        return []
    try:
        parts = decode(text)
    except DomainError:
        return []
    return [Group(label, tuple(Entry(part.label, part.value, part.kind) for part in parts))]
