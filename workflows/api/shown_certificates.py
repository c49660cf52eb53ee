"""A certificate as its answers show it: the row, and what the signed text itself says."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from workflows.models import Certificate
from workflows.pki import usages
from workflows.pki.decoding import CertificateDescription, describe_certificate
from workflows.vocabulary.enrollment import CertificateState, KeyType, PrivateKeyStatus


@dataclass(frozen=True)
class ShownCertificate:
    """Metadata is `{}` unless it was asked for."""

    row: Certificate
    includes_metadata: bool = False

    @cached_property
    def text(self) -> CertificateDescription:
        return describe_certificate(bytes(self.row.der))

    @property
    def state(self) -> CertificateState:
        return CertificateState(self.row.state)

    @property
    def key_type(self) -> KeyType:
        return KeyType[self.text.key.type]

    @property
    def has_private_key(self) -> bool:
        return self._key_status in {PrivateKeyStatus.AwaitingPickup, PrivateKeyStatus.Retained}

    @property
    def has_retained_key(self) -> bool:
        return self._key_status == PrivateKeyStatus.Retained

    @property
    def certificate_key_id(self) -> int:
        return self.row.private_key_id or 0

    @property
    def _key_status(self) -> int:
        return self.row.private_key.status if self.row.private_key else PrivateKeyStatus.NotHeld

    @property
    def content_bytes(self) -> str:
        return base64.b64encode(bytes(self.row.der)).decode()

    @property
    def metadata(self) -> Mapping[str, str]:
        return (
            {name: str(value) for name, value in self.row.metadata.items()} if self.includes_metadata else {}
        )

    @property
    def detailed_key_usage(self) -> dict[str, bool | str]:
        return usages.detailed(self.text.key_usage)

    @property
    def extended_key_usages(self) -> list[dict[str, Any]]:
        return _numbered({"oid": each.oid, "display_name": each.name} for each in self.text.purposes)

    @property
    def subject_alt_name_elements(self) -> list[dict[str, Any]]:
        return _numbered({"value": each.value, "type": each.type} for each in self.text.alternative_names)

    @property
    def crl_distribution_points(self) -> list[dict[str, Any]]:
        return _numbered({"url": url} for url in self.text.crl_urls)


def _numbered(parts: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """The wire gives every part an id; ours are numbers within the certificate."""
    return [{"id": number, **part} for number, part in enumerate(parts, start=1)]
