"""What a renewal begins with: the names of the certificate that it replaces."""

from __future__ import annotations

from typing import Any

from portal.forms.pfx import PARTS
from portal.presenters import decoded
from workflows.models import Certificate
from workflows.pki import decoding, names
from workflows.pki.sans import SanKind

# Fields of the form by the heading of their kind.
FIELDS = {
    SanKind.DNS.heading: "san_dns",
    SanKind.IP4.heading: "san_ip4",
    SanKind.IP6.heading: "san_ip6",
    SanKind.MAIL.heading: "san_email",
    SanKind.UPN.heading: "san_upn",
}


def initial_of(certificate: Certificate) -> dict[str, Any]:
    """Initial values of an enrollment form; names of a kind that it has no field for are left out."""
    found = decoding.describe_certificate(bytes(certificate.der))
    parts = names.subject_parts(names.parse_name(found.subject))
    sans = decoded.alternative_names(found)
    return {
        "renews": certificate.pk,
        "template": certificate.template.common_name if certificate.template else "",
        "custom_name": certificate.custom_name,
        "owner_role": certificate.owner_role_id or "",
        **{field: "\n".join(sans[heading]) for heading, field in FIELDS.items() if heading in sans},
        **{field: parts[label][0] for field, label in PARTS.items() if label in parts},
    }
