"""What is asked about certificates, and of them (contract, 6, Certificates)."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from workflows.actions.certificates import CertificateName
from workflows.api.serializers.base import FreeMap, Integer, Serializer, Text
from workflows.api.serializers.enums import EnumField
from workflows.api.serializers.security import FilePasswordField
from workflows.errors import NotFound
from workflows.vocabulary.revocation_reasons import RevocationReason

_NO_EFFECT = "Taken from existing clients; the answer has it anyway."


def _flag(help_text: str = "") -> serializers.BooleanField:
    return serializers.BooleanField(default=False, allow_null=True, help_text=help_text)


def _text() -> Text:
    return Text(default="", allow_blank=True, allow_null=True)


class Collection(Serializer):
    CollectionId = Integer(default=0, allow_null=True, help_text="0: all certificates.")

    def validate_CollectionId(self, value: int | None) -> int | None:  # noqa: N802
        if value:
            raise NotFound(f"There is no certificate collection {value}; leave CollectionId out.")
        return value


class OneCertificate(Collection):
    IncludeMetadata = _flag()
    IncludeLocations = _flag(_NO_EFFECT)
    Verbose = Integer(default=0, allow_null=True, help_text=_NO_EFFECT)


class ManyCertificates(OneCertificate):
    IncludeRevoked = _flag()
    IncludeExpired = _flag()
    IncludeHasPrivateKey = _flag(_NO_EFFECT)


class Named(Serializer):
    """A certificate by id, thumbprint, or issuer and serial number."""

    CertID = Integer(default=None, allow_null=True)
    Thumbprint = _text()
    SerialNumber = _text()
    IssuerDN = _text()
    IncludeChain = _flag()
    ChainOrder = _text()


class DownloadRequest(Named):
    pass


class RecoveryRequest(Named):
    Password = FilePasswordField()
    UseLegacyEncryption = _flag()


class RevocationRequest(Collection):
    CertificateIds = serializers.ListField(child=Integer(min_value=1))
    Reason = EnumField(RevocationReason, default=RevocationReason.Unspecified)
    Comment = Text(max_length=4000)
    EffectiveDate = serializers.DateTimeField(default=None, allow_null=True, help_text="Absent: now.")


class MetadataRequest(Serializer):
    """Version 10 calls the id `Id`, later ones `CertificateId`."""

    Id = Integer(default=None, allow_null=True)
    CertificateId = Integer(default=None, allow_null=True)
    Metadata = FreeMap(help_text="Fields that are not named stay; an empty value removes one.")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        ids = {attrs["id"], attrs["certificate_id"]} - {None, 0}
        if len(ids) != 1:
            raise serializers.ValidationError({"CertificateId": "Name one certificate."})
        return {"certificate_id": ids.pop(), "metadata": attrs["metadata"]}


def named(body: dict[str, Any]) -> CertificateName:
    return CertificateName(
        id=body["cert_id"],
        thumbprint=body["thumbprint"] or "",
        serial_number=body["serial_number"] or "",
        issuer_dn=body["issuer_dn"] or "",
    )
