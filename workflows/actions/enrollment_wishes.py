"""What a requester asks for, and reading it: each part well formed, the key allowed by the template."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from workflows.actions import metadata_values
from workflows.actions.offers import Offer
from workflows.models import CertificateTemplate
from workflows.pki import keys, names, sans
from workflows.pki.keys import KeySpec, key_spec_from_json
from workflows.pki.requests import parse_csr, to_pem
from workflows.workflow_types import enrollment


@dataclass(frozen=True, slots=True)
class Wish:
    """What a requester asks for, by CSR or by subject and key (POST /Enrollment/CSR and /PFX)."""

    template: str
    csr: str = ""
    subject: str = ""
    sans: Mapping[str, Sequence[str]] = field(default_factory=dict)
    key_type: str = ""
    key_length: int = 0
    curve: str = ""
    authority: str = ""
    metadata: Mapping[str, Any] = field(default_factory=dict)
    additional_fields: Mapping[str, Any] = field(default_factory=dict)
    include_chain: bool = True
    custom_name: str = ""
    owner_role_id: int | None = None
    owner_role_name: str = ""
    requester_email: str = ""
    renewal_certificate_id: int | None = None
    certificate_format: str = ""

    @property
    def is_pfx(self) -> bool:
        return not self.csr


@dataclass(frozen=True, slots=True)
class ParsedWish:
    """A wish whose parts were read and found well formed."""

    subject: str
    sans: tuple[sans.San, ...]
    key: KeySpec
    csr: str
    metadata: Mapping[str, Any]


def parse(wish: Wish, offer: Offer) -> ParsedWish:
    """Raises InvalidCsr, InvalidName, KeyNotAllowed or InvalidInput."""
    extra, template = sans.parse_sans(wish.sans), offer.template
    metadata = metadata_values.checked_metadata(wish.metadata, offer.fields)
    if wish.is_pfx:
        subject = names.format_name(names.parse_name(wish.subject))
        return ParsedWish(subject, sans.canonical(extra), _wanted_key(wish, template), "", metadata)
    csr = parse_csr(wish.csr)
    _check_key(csr.key, template)
    names_wanted = extra or csr.sans  # SANs that are sent replace those of the CSR, as the reference does
    return ParsedWish(csr.subject, sans.canonical(names_wanted), csr.key, to_pem(csr.der), metadata)


def _wanted_key(wish: Wish, template: CertificateTemplate) -> KeySpec:
    """The key to make: as asked, else the template's first."""
    if not wish.key_type:
        return key_spec_from_json(template.key_specs[0])
    spec = keys.parse_key_spec(wish.key_type, wish.key_length or None, wish.curve or None)
    _check_key(spec, template)
    return spec


def _check_key(spec: KeySpec, template: CertificateTemplate) -> None:
    enrollment.profile_of(template).check_key(spec)
