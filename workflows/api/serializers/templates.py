"""Certificate templates (api-contract.md, 6, Templates)."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from workflows.api.casing import snake_case
from workflows.api.serializers.base import FreeMap, Integer, Serializer, Text
from workflows.api.serializers.enums import EnumField
from workflows.models import CertificateTemplate
from workflows.pki import usages
from workflows.pki.keys import KeySpec, curve_spec, key_spec_from_json, rsa_spec
from workflows.vocabulary.enrollment import EnrollmentFieldType, EnrollmentType, KeyRetentionPolicy

Rows = list[dict[str, Any]] | None


class TemplateRegexShape(Serializer):
    TemplateId = Integer(required=False)
    SubjectPart = Text(max_length=20)
    Regex = Text(max_length=1000, allow_blank=True, allow_null=True)
    Error = Text(max_length=1000, allow_blank=True, allow_null=True, required=False)


class EnrollmentFieldShape(Serializer):
    """Stored as it is written: in PascalCase."""

    Id = Integer(required=False)
    Name = Text(max_length=100)
    Options = serializers.ListField(child=Text(), required=False, allow_null=True)
    DataType = EnumField(EnrollmentFieldType, default=EnrollmentFieldType.String)

    def to_representation(self, instance: dict[str, Any]) -> dict[str, Any]:
        return super().to_representation({snake_case(name): value for name, value in instance.items()})


class PurposeShape(Serializer):
    Id = Integer()
    Oid = Text()
    DisplayName = Text()


class KeyAlgorithm(Serializer):
    BitLengths = serializers.ListField(child=Integer(), required=False, allow_null=True)
    Curves = serializers.ListField(child=Text(), required=False, allow_null=True)


class KeyInfo(Serializer):
    Ecdsa = KeyAlgorithm(required=False, allow_null=True)
    Rsa = KeyAlgorithm(required=False, allow_null=True)


class Policy(Serializer):
    """`RFCEnforcement` (RFC 2818) asks for at least one subject alternative name."""

    TemplateId = Integer(required=False)
    AllowKeyReuse = serializers.BooleanField(required=False, allow_null=True)
    AllowWildcards = serializers.BooleanField(required=False, allow_null=True)
    RFCEnforcement = serializers.BooleanField(required=False, allow_null=True)
    KeyInfo = KeyInfo(required=False, allow_null=True)


class TemplateBasis(Serializer):
    """What every answer about a template says."""

    Id = Integer(source="pk")
    DisplayName = Text()
    KeySize = serializers.SerializerMethodField()
    KeyType = serializers.SerializerMethodField()
    Curve = serializers.SerializerMethodField()
    EnrollmentFields = EnrollmentFieldShape(many=True)
    ExtendedKeyUsages = serializers.SerializerMethodField()
    RequiresApproval = serializers.BooleanField(default=False)
    RFCEnforcement = serializers.BooleanField(source="require_san")

    def get_KeySize(self, template: CertificateTemplate) -> str:  # noqa: N802
        return str(_specs(template)[0].bits)

    def get_KeyType(self, template: CertificateTemplate) -> str:  # noqa: N802
        return _specs(template)[0].type

    def get_Curve(self, template: CertificateTemplate) -> str:  # noqa: N802
        return next((spec.curve for spec in _specs(template) if spec.curve), "")

    @extend_schema_field(PurposeShape(many=True))
    def get_ExtendedKeyUsages(self, template: CertificateTemplate) -> list[dict[str, Any]]:  # noqa: N802
        return [
            {"Id": number, "Oid": oid, "DisplayName": usages.extended_name(oid)}
            for number, oid in enumerate(template.extended_key_usages, start=1)
        ]


class TemplateRow(TemplateBasis):
    """A template as lists show it."""

    CommonName = Text()
    TemplateName = Text(source="common_name")
    Oid = Text()
    KeyTypes = serializers.SerializerMethodField()
    ForestRoot = Text(default="")
    ConfigurationTenant = Text(default="")
    FriendlyName = Text(source="display_name")
    KeyRetention = EnumField(KeyRetentionPolicy)
    KeyArchival = serializers.BooleanField(default=False)
    AllowedEnrollmentTypes = EnumField(EnrollmentType)
    TemplateRegexes = TemplateRegexShape(many=True, source="regexes.all")
    UseAllowedRequesters = serializers.BooleanField()
    AllowedRequesters = serializers.SerializerMethodField()
    KeyUsage = serializers.SerializerMethodField()
    AllowOneClickRenewals = serializers.BooleanField(default=False)

    def get_AllowedRequesters(self, template: CertificateTemplate) -> list[str]:  # noqa: N802
        return sorted(role.name for role in template.allowed_requesters.all())

    def get_KeyTypes(self, template: CertificateTemplate) -> str:  # noqa: N802
        return ", ".join(dict.fromkeys(spec.type for spec in _specs(template)))

    def get_KeyUsage(self, template: CertificateTemplate) -> int:  # noqa: N802
        return int(usages.key_usage(template.key_usage))


class TemplateDetails(TemplateRow):
    """A template with its policy, and what only Countersign tells: authority and validity."""

    MetadataFields = serializers.ListField(child=FreeMap(), default=list)
    TemplateDefaults = serializers.ListField(child=FreeMap(), default=list)
    TemplatePolicy = serializers.SerializerMethodField()
    KeyAlgorithms = serializers.SerializerMethodField()
    CertificateAuthority = Text()
    ValidityDays = Integer()

    @extend_schema_field(Policy)
    def get_TemplatePolicy(self, template: CertificateTemplate) -> dict[str, Any]:  # noqa: N802
        return policy_of(template)

    @extend_schema_field(Policy)
    def get_KeyAlgorithms(self, template: CertificateTemplate) -> dict[str, Any]:  # noqa: N802
        return {"TemplateId": template.pk, "KeyInfo": _key_info(template)}


class TemplateUpdate(Serializer):
    """What is left out or null stays."""

    Id = Integer()
    FriendlyName = Text(source="display_name", required=False, max_length=200, allow_null=True)
    KeyRetention = EnumField(KeyRetentionPolicy, required=False, allow_null=True)
    AllowedEnrollmentTypes = EnumField(EnrollmentType, required=False, allow_null=True)
    EnrollmentFields = EnrollmentFieldShape(many=True, required=False, allow_null=True)
    TemplateRegexes = TemplateRegexShape(many=True, source="regexes", required=False, allow_null=True)
    TemplatePolicy = Policy(source="policy", required=False, allow_null=True)
    UseAllowedRequesters = serializers.BooleanField(required=False, allow_null=True)
    AllowedRequesters = serializers.ListField(child=Text(), required=False, allow_null=True)
    KeyUsage = Integer(required=False, allow_null=True, min_value=0)
    ValidityDays = Integer(required=False, allow_null=True, min_value=1)
    MetadataFields = serializers.ListField(required=False, allow_null=True)
    TemplateDefaults = serializers.ListField(required=False, allow_null=True)

    def validate_MetadataFields(self, value: list[Any] | None) -> None:  # noqa: N802
        if value:
            raise serializers.ValidationError("Metadata fields apply to all templates; PUT /MetadataFields.")

    def validate_TemplateDefaults(self, value: list[Any] | None) -> None:  # noqa: N802
        if value:
            raise serializers.ValidationError("Templates have no default subject parts here.")

    def validate_TemplateRegexes(self, value: Rows) -> Rows:  # noqa: N802
        """An empty expression is no rule."""
        if value is None:
            return None
        return [
            {"subject_part": rule["subject_part"], "regex": rule["regex"], "error": rule.get("error") or ""}
            for rule in value
            if rule["regex"]
        ]

    def validate_EnrollmentFields(self, value: Rows) -> Rows:  # noqa: N802
        if value is None:
            return None
        return [
            {
                "Id": number,
                "Name": field["name"],
                "Options": field.get("options") or [],
                "DataType": int(field["data_type"]),
            }
            for number, field in enumerate(value, start=1)
        ]

    def validate_KeyUsage(self, value: int | None) -> list[str] | None:  # noqa: N802
        if value is None:
            return None
        return [name for name, bit in usages.KeyUsage.__members__.items() if bit & value]

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        values = attrs | _from_policy(attrs.get("policy") or {})
        values.pop("policy", None)
        return {name: value for name, value in values.items() if value is not None}


def _from_policy(policy: dict[str, Any]) -> dict[str, Any]:
    info = policy.get("key_info")
    return {
        "allow_wildcards": policy.get("allow_wildcards"),
        "require_san": policy.get("rfc_enforcement"),
        "key_specs": [spec.to_json() for spec in _read_specs(info)] if info else None,
    }


def _read_specs(info: dict[str, Any]) -> list[KeySpec]:
    """Raises KeyNotAllowed for sizes and curves that may never be certified."""
    curves = (info.get("ecdsa") or {}).get("curves") or []
    sizes = (info.get("rsa") or {}).get("bit_lengths") or []
    return [*(curve_spec(curve) for curve in curves), *(rsa_spec(bits) for bits in sizes)]


def policy_of(template: CertificateTemplate) -> dict[str, Any]:
    """What the template allows, in the shape of `Policy`."""
    return {
        "TemplateId": template.pk,
        "AllowKeyReuse": False,
        "AllowWildcards": template.allow_wildcards,
        "RFCEnforcement": template.require_san,
        "KeyInfo": _key_info(template),
    }


def _specs(template: CertificateTemplate) -> list[KeySpec]:
    return [key_spec_from_json(spec) for spec in template.key_specs]


def _key_info(template: CertificateTemplate) -> dict[str, Any]:
    curves = [spec for spec in _specs(template) if spec.curve]
    sizes = [spec.bits for spec in _specs(template) if not spec.curve]
    return {
        "Ecdsa": {"BitLengths": [spec.bits for spec in curves], "Curves": [spec.curve for spec in curves]},
        "Rsa": {"BitLengths": sizes, "Curves": []},
    }
