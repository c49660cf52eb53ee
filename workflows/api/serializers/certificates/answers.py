"""Certificates as they are shown (contract, 6, CertificateRetrievalResponse)."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from workflows.api.serializers.awaited import AwaitedField
from workflows.api.serializers.base import Document, FreeMap, Integer, Serializer, Text
from workflows.api.serializers.enums import EnumField
from workflows.api.shown_certificates import ShownCertificate
from workflows.models import Certificate as CertificateRow
from workflows.vocabulary.enrollment import CertificateState, KeyType
from workflows.vocabulary.revocation_reasons import RevocationReason


class ExtendedKeyUsage(Serializer):
    Id = Integer()
    Oid = Text()
    DisplayName = Text()


class SubjectAltName(Serializer):
    Id = Integer()
    Value = Text()
    Type = Integer(
        help_text="1 e-mail, 2 DNS, 6 URI, 7 IP, 8 registered id, 100 user principal name, 999 other."
    )
    ValueHash = Text(default=None, allow_null=True)


class DistributionPoint(Serializer):
    Id = Integer()
    Url = Text()
    UrlHash = Text(default=None, allow_null=True)


class DetailedKeyUsage(Document):
    CrlSign = serializers.BooleanField()
    DataEncipherment = serializers.BooleanField()
    DecipherOnly = serializers.BooleanField()
    DigitalSignature = serializers.BooleanField()
    EncipherOnly = serializers.BooleanField()
    KeyAgreement = serializers.BooleanField()
    KeyCertSign = serializers.BooleanField()
    KeyEncipherment = serializers.BooleanField()
    NonRepudiation = serializers.BooleanField()
    HexCode = Text()


def _none() -> serializers.ListField:
    """Where a certificate is installed; stores are not served."""
    return serializers.ListField(child=FreeMap(), default=list)


class Certificate(Serializer):
    Id = Integer(source="row.pk")
    Thumbprint = Text(source="row.thumbprint")
    SerialNumber = Text(source="row.serial_number")
    IssuedDN = Text(source="row.issued_dn")
    IssuedCN = Text(source="row.issued_cn")
    IssuedOU = Text(source="text.organizational_unit")
    IssuedEmail = Text(source="text.email")
    ImportDate = serializers.DateTimeField(source="row.created_at")
    NotBefore = serializers.DateTimeField(source="row.not_before")
    NotAfter = serializers.DateTimeField(source="row.not_after")
    IssuerDN = Text(source="row.issuer_dn")
    PrincipalId = Integer(default=None, allow_null=True)
    PrincipalName = Text(default=None, allow_null=True)
    TemplateId = Integer(source="row.template_id", allow_null=True)
    TemplateName = Text(source="row.template.common_name", allow_null=True)
    CertState = EnumField(CertificateState, source="state")
    CertStateString = Text(source="state.name")
    KeySizeInBits = Integer(source="text.key.bits")
    KeyType = EnumField(KeyType)
    KeyTypeString = Text(source="key_type.name")
    Curve = Text(source="text.key.curve", allow_null=True)
    RequesterId = Integer(source="row.requester_id", allow_null=True)
    RequesterName = Text(source="row.requester_name")
    KeyUsage = Integer(source="text.key_usage")
    DetailedKeyUsage = DetailedKeyUsage()
    ExtendedKeyUsages = ExtendedKeyUsage(many=True)
    SubjectAltNameElements = SubjectAltName(many=True)
    CRLDistributionPoints = DistributionPoint(many=True)
    SigningAlgorithm = Text(source="text.signing_algorithm")
    RevocationEffDate = serializers.DateTimeField(source="row.revocation_effective_at", allow_null=True)
    RevocationReason = EnumField(RevocationReason, source="row.revocation_reason", allow_null=True)
    RevocationComment = Text(source="row.revocation_comment")
    CertificateAuthorityId = Integer(source="row.authority_id")
    CertificateAuthorityName = Text(source="row.authority")
    CertRequestId = Integer(source="row.request_id", allow_null=True)
    CARowIndex = Integer(default=None, allow_null=True)
    CARecordId = Text(
        source="row.serial_number", help_text="Ours knows certificates by their serial numbers."
    )
    ArchivedKey = serializers.BooleanField(source="has_retained_key")
    HasPrivateKey = serializers.BooleanField()
    KeyRecoverable = serializers.BooleanField(source="has_private_key")
    CertificateKeyId = Integer(help_text="0: the key is not here.")
    ContentBytes = Text()
    Metadata = FreeMap()
    LocationsCount = _none()
    SSLLocations = _none()
    Locations = _none()

    def to_representation(self, instance: CertificateRow) -> dict[str, Any]:
        shown = ShownCertificate(instance, includes_metadata=self.context["includes_metadata"])
        return super().to_representation(shown)


class Operation(Serializer):
    """A line of a certificate's history."""

    Id = serializers.IntegerField(source="pk")
    OperationStart = serializers.DateTimeField(source="started_at")
    OperationEnd = serializers.DateTimeField(source="ended_at")
    Username = Text(source="user_name")
    Comment = Text()
    Action = Text()


class SuspendedRevocation(Serializer):
    CertId = Integer()
    WorkflowId = serializers.UUIDField(source="instance.guid")
    WorkflowReferenceId = serializers.IntegerField(source="instance.pk", help_text="Ours.")
    Message = Text()
    Awaited = AwaitedField(source="instance", help_text="Ours: who or what is awaited.")


class Revocation(Serializer):
    RevokedIds = serializers.ListField(child=Integer())
    SuspendedCerts = SuspendedRevocation(many=True)


class Download(Serializer):
    Content = Text(source="base64", help_text="Base64 of the file.")


class Recovery(Serializer):
    PFX = Text(source="base64", help_text="Base64 of the file.")
    FileName = Text(source="name")
