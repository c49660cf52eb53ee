"""What lists of certificates can be searched and sorted by, under the names of the wire (contract, 7)."""

from __future__ import annotations

import re

from django.db.models import JSONField

from workflows.models import MetadataField
from workflows.search.accounts import Account
from workflows.search.fields import Field, Fields
from workflows.search.kinds import Date, Enum, Integer
from workflows.vocabulary.enrollment import CertificateState
from workflows.vocabulary.revocation_reasons import RevocationReason

_KEY = re.compile(r"(?=.*[^0-9])[A-Za-z0-9-]+(_[A-Za-z0-9-]+)*")


class CertificateFields(Fields):
    """The certificate's own fields, and the metadata fields by their names."""

    def find(self, name: str) -> Field | None:
        return super().find(name) or _metadata_field(name)


def _metadata_field(name: str) -> Field | None:
    """Searchable where Django can tell the name from its own words in a path into JSON."""
    names = MetadataField.objects.filter(name__iexact=name).values_list("name", flat=True)
    found = next((each for each in names if _KEY.fullmatch(each)), None)
    if found is None or found in JSONField().get_lookups():
        return None
    return Field(found, f"metadata__{found}", sortable=False)


FIELDS = CertificateFields(
    [
        Field("Id", "pk", Integer()),
        Field("CN", "issued_cn"),
        Field("IssuedCN", "issued_cn"),
        Field("IssuedDN", "issued_dn"),
        Field("IssuerDN", "issuer_dn"),
        Field("SerialNumber", "serial_number"),
        Field("Thumbprint", "thumbprint"),
        Field("NotBefore", "not_before", Date()),
        Field("NotAfter", "not_after", Date()),
        Field("ImportDate", "created_at", Date()),
        Field("CertState", "state", Enum.of(CertificateState)),
        Field("TemplateName", "template__common_name"),
        Field("RequesterName", "requester_name", Account()),
        Field("CertificateAuthorityName", "authority__logical_name"),
        Field("CertRequestId", "request_id", Integer()),
        Field("RevocationComment", "revocation_comment"),
        Field("RevocationEffDate", "revocation_effective_at", Date()),
        Field("RevocationReason", "revocation_reason", Enum.of(RevocationReason)),
    ],
    narrowing="by NotAfter, from one day to another, or by one more field; sort it by Id or NotAfter",
)
