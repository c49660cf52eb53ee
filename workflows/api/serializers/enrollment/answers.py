"""Answers to requests for certificates (contract, 5 and 6)."""

from __future__ import annotations

from rest_framework import serializers

from workflows.api.serializers.awaited import AwaitedField
from workflows.api.serializers.base import FreeMap, Integer, Serializer, Text
from workflows.api.serializers.enums import EnumField
from workflows.vocabulary.enrollment import PrivateKeyStatus


class CertificateInformation(Serializer):
    """What both kinds share; the certificate's fields are null, its id 0, while a workflow holds it (D8)."""

    SerialNumber = Text(source="certificate.serial_number", allow_null=True)
    IssuerDN = Text(source="certificate.issuer_dn", allow_null=True)
    Thumbprint = Text(source="certificate.thumbprint", allow_null=True)
    WorkflowInstanceId = serializers.UUIDField(source="instance.guid")
    WorkflowReferenceId = serializers.IntegerField(source="instance.pk")
    KeyfactorRequestId = Integer(source="request.pk")
    RequestDisposition = Text(source="disposition")
    DispositionMessage = Text(source="message")
    Awaited = AwaitedField(source="instance", help_text="Ours; absent when nothing is awaited.")
    EnrollmentContext = FreeMap(default=dict)


class Pkcs10Certificate(CertificateInformation):
    KeyfactorID = Integer(source="certificate.pk", default=0)
    Certificates = serializers.ListField(child=Text(), allow_null=True, help_text="Leaf first.")


class Pkcs12Certificate(CertificateInformation):
    KeyfactorId = Integer(source="certificate.pk", default=0)
    Pkcs12Blob = Text(allow_null=True, help_text="Base64 of the file that was asked for.")
    Password = Text(default=None, allow_null=True, help_text="Always null.")
    KeyStatus = EnumField(PrivateKeyStatus)
    StoreIdsInvalidForRenewal = serializers.ListField(child=Text(), default=list)
    ChainFailedToBuild = serializers.BooleanField(default=False)


class CsrAnswer(Serializer):
    CertificateInformation = Pkcs10Certificate(source="*")
    Metadata = FreeMap()


class PfxAnswer(Serializer):
    CertificateInformation = Pkcs12Certificate(source="*")
    Metadata = FreeMap()
    SuccessfulStores = serializers.ListField(child=Text(), default=list)
