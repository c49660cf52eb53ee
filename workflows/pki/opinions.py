"""A second opinion on certificates: what pkilint's rules for RFC 5280 find. It refuses nothing."""

from __future__ import annotations

import enum
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pkilint.validation import ValidatorContainer


class Severity(enum.IntEnum):
    """As pkilint ranks them, the worst first; its mere remarks are left out."""

    FATAL = 0
    ERROR = 1
    WARNING = 2
    NOTICE = 3


@dataclass(frozen=True)
class Finding:
    """`code` names the rule, `node` the place, such as `certificate.tbsCertificate.subject`."""

    severity: Severity
    code: str
    message: str
    node: str


def findings(der: bytes) -> list[Finding]:
    """What there is to say about a certificate, the worst first; takes some milliseconds."""
    # More than half a second, which no start of a process shall take.
    from pkilint import loader  # noqa: PLC0415

    document = loader.RFC5280CertificateDocumentLoader().load_der_document(der)
    found = (finding for result in _rules().validate(document.root) for finding in _of(result))
    return sorted(found, key=lambda finding: (finding.severity, finding.node, finding.code))


def _of(result: object) -> Iterator[Finding]:
    for each in result.finding_descriptions:  # type: ignore[attr-defined]
        severity = each.finding.severity.name
        if severity in Severity.__members__:
            node = result.node.path  # type: ignore[attr-defined]
            yield Finding(Severity[severity], each.finding.code, each.message or "", node)


@cache
def _rules() -> ValidatorContainer:
    from pkilint.pkix import certificate, extension, name  # noqa: PLC0415

    return certificate.create_pkix_certificate_validator_container(
        certificate.create_decoding_validators(name.ATTRIBUTE_TYPE_MAPPINGS, extension.EXTENSION_MAPPINGS),
        [
            certificate.create_issuer_validator_container([]),
            certificate.create_validity_validator_container(),
            certificate.create_subject_validator_container([]),
            certificate.create_extensions_validator_container([]),
            certificate.create_spki_validator_container([]),
        ],
    )
