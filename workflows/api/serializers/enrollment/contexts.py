"""What a requester may ask for: templates with their rules (contract, 6, Enrollment)."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from workflows.api.serializers.base import FreeMap, Integer, Serializer, Text
from workflows.api.serializers.enums import EnumField
from workflows.api.serializers.templates import Policy, TemplateBasis, TemplateRegexShape, policy_of
from workflows.models import CertificateTemplate
from workflows.vocabulary.enrollment import MetadataEnrollment


class OfferedMetadataField(Serializer):
    """Every template offers the same metadata fields, so each goes by its own id."""

    Id = Integer(source="pk")
    MetadataId = Integer(source="pk")
    Name = Text()
    DefaultValue = Text()
    Hint = Text()
    Validation = Text()
    Message = Text()
    Enrollment = EnumField(MetadataEnrollment)


class OfferedAuthority(Serializer):
    Name = Text(source="*")
    RFCEnforcement = serializers.BooleanField(default=False)
    SubscriberTerms = serializers.BooleanField(default=False)


class OfferedTemplate(TemplateBasis):
    Name = Text(source="common_name")
    Forest = Text(default="")
    CAs = serializers.SerializerMethodField("authorities")
    MetadataFields = serializers.SerializerMethodField("metadata_fields")
    Regexes = TemplateRegexShape(many=True, source="regexes.all")
    EnrollmentTemplatePolicy = serializers.SerializerMethodField("policy")

    @extend_schema_field(OfferedAuthority(many=True))
    def authorities(self, template: CertificateTemplate) -> Any:
        return OfferedAuthority([template.certificate_authority], many=True).data

    @extend_schema_field(OfferedMetadataField(many=True))
    def metadata_fields(self, template: CertificateTemplate) -> Any:
        return OfferedMetadataField(self.context["metadata_fields"], many=True, context=self.context).data

    @extend_schema_field(Policy)
    def policy(self, template: CertificateTemplate) -> dict[str, Any]:
        return policy_of(template)


class OfferedTemplates(Serializer):
    Templates = OfferedTemplate(many=True)
    StandaloneCAs = serializers.ListField(child=FreeMap(), default=list)


class EnrollmentSettings(Serializer):
    TemplateRegexes = TemplateRegexShape(many=True, source="regexes.all")
    TemplateDefaults = serializers.ListField(child=FreeMap(), default=list)
    TemplatePolicy = serializers.SerializerMethodField("policy")

    @extend_schema_field(Policy)
    def policy(self, template: CertificateTemplate) -> dict[str, Any]:
        return policy_of(template)
