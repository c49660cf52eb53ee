"""Requests for certificates: the fields of versions 10, 11.2 and 25 (contract, 5 and 6)."""

from __future__ import annotations

from typing import Any, ClassVar

from rest_framework import serializers

from workflows.actions import enrollment_patterns
from workflows.actions.enrollment_wishes import Wish
from workflows.api.serializers.base import FreeMap, Integer, Serializer, Text
from workflows.api.serializers.security import FilePasswordField

_NEEDED = "The file with the key needs a password; send one that you keep."
_SECOND_KEY = "The CA has no alternative (second) keys; leave it out."
_IGNORED = "Taken from existing clients, and of no effect."


def _text(**kwargs: Any) -> Text:
    return Text(default="", allow_blank=True, allow_null=True, **kwargs)


def _map() -> FreeMap:
    return FreeMap(default=dict, allow_null=True)


def _number() -> Integer:
    return Integer(default=None, allow_null=True)


def _boolean(**kwargs: Any) -> serializers.BooleanField:
    return serializers.BooleanField(default=False, allow_null=True, **kwargs)


class EnrollmentRequest(Serializer):
    """What both kinds share; who asks for something that Countersign does not do is told so."""

    refused: ClassVar[dict[str, str]] = {}

    Template = _text(max_length=100, help_text="Or EnrollmentPatternId.")
    CertificateAuthority = _text()
    SANs = _map()
    IncludeChain = _boolean()
    Metadata = _map()
    MetadataInput = _map()
    AdditionalEnrollmentFields = _map()
    AdditionalEnrollmentFieldsInput = _map()
    OwnerRoleId = _number()
    OwnerRoleName = _text()
    RenewalCertificateId = _number()
    EnrollmentPatternId = Integer(
        default=None, allow_null=True, help_text="The default pattern of a template has the template's id."
    )
    Timestamp = _text(help_text=_IGNORED)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        wire_names = {field.source: name for name, field in self.fields.items()}
        problems = {wire_names[name]: text for name, text in self.refused.items() if attrs[name]}
        if not (attrs["template"] or attrs["enrollment_pattern_id"] is not None):
            problems["Template"] = "Name the template, or send EnrollmentPatternId."
        if problems:
            raise serializers.ValidationError(problems)
        return attrs


class CsrRequest(EnrollmentRequest):
    refused: ClassVar = EnrollmentRequest.refused | {
        "private_key": "Countersign keeps no private keys that others made; leave it out.",
    }

    CSR = Text()
    IncludeSubjectHeader = _boolean()
    PrivateKey = _text(write_only=True)


class PfxRequest(EnrollmentRequest):
    refused: ClassVar = EnrollmentRequest.refused | {
        "alternative_key_length": _SECOND_KEY,
        "alternative_key_type": _SECOND_KEY,
        "install_into_existing_certificate_stores": "Delivery to certificate stores is not served.",
        "populate_missing_values_from_ad": "There is no directory to ask; send the whole Subject.",
        "stores": "Delivery to certificate stores is not served; install the certificate yourself.",
    }

    Subject = _text()
    Password = FilePasswordField(error_messages=dict.fromkeys(("required", "null", "blank"), _NEEDED))
    KeyType = _text()
    KeyLength = _number()
    Curve = _text()
    CustomFriendlyName = _text(max_length=255)
    ChainOrder = _text()
    UseLegacyEncryption = _boolean()
    AlternativeKeyType = _text()
    AlternativeKeyLength = _number()
    PopulateMissingValuesFromAD = _boolean()
    Stores = serializers.ListField(default=list, allow_null=True)
    InstallIntoExistingCertificateStores = _boolean()


class ForceEnroll(Serializer):
    ForceEnroll = _boolean(help_text=_IGNORED)


class CsrText(Serializer):
    CSR = Text()


def csr_wish(body: dict[str, Any], certificate_format: str) -> Wish:
    return Wish(csr=body["csr"], **_common(body, certificate_format))


def pfx_wish(body: dict[str, Any], certificate_format: str) -> Wish:
    return Wish(
        subject=body["subject"] or "",
        key_type=body["key_type"] or "",
        key_length=body["key_length"] or 0,
        curve=body["curve"] or "",
        custom_name=body["custom_friendly_name"] or "",
        **_common(body, certificate_format),
    )


def _common(body: dict[str, Any], certificate_format: str) -> dict[str, Any]:
    """Of the two names for metadata and for fields, the one without `Input` counts where both are sent."""
    fields = body["additional_enrollment_fields_input"] or {}
    template, pattern = body["template"] or "", body["enrollment_pattern_id"]
    return {
        "template": template if pattern is None else enrollment_patterns.template_name(pattern, template),
        "authority": body["certificate_authority"] or "",
        "sans": body["sans"] or {},
        "include_chain": bool(body["include_chain"]),
        "metadata": {**(body["metadata_input"] or {}), **(body["metadata"] or {})},
        "additional_fields": {**fields, **(body["additional_enrollment_fields"] or {})},
        "owner_role_id": body["owner_role_id"],
        "owner_role_name": body["owner_role_name"] or "",
        "renewal_certificate_id": body["renewal_certificate_id"],
        "certificate_format": certificate_format,
    }
