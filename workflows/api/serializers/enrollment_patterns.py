"""Enrollment patterns (events-security-audit.md, 3.1); what a template says in the shape of version 25."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from workflows.api.serializers.base import FreeMap, Integer, Serializer, Text
from workflows.api.serializers.enums import EnumField
from workflows.api.serializers.templates import EnrollmentFieldShape, Policy, TemplateRegexShape, policy_of
from workflows.models import CertificateTemplate
from workflows.vocabulary.enrollment import EnrollmentType


class PatternTemplate(Serializer):
    Id = Integer(source="pk")
    CommonName = Text()
    DisplayName = Text()


class PatternRole(Serializer):
    Id = Integer(source="pk")
    Name = Text()


class EnrollmentPattern(Serializer):
    """The default pattern of a template, which has the template's id."""

    Id = Integer(source="pk")
    Name = Text(source="common_name")
    Description = Text(source="display_name")
    Template = PatternTemplate(source="*")
    TemplateDefault = serializers.BooleanField(default=True, help_text="Always: a template has no other.")
    UseADPermissions = serializers.BooleanField(default=False)
    AllowedEnrollmentTypes = EnumField(EnrollmentType)
    AssociatedRoles = PatternRole(
        many=True, source="allowed_requesters.all", help_text="Who may enroll; nobody named is everybody."
    )
    RestrictCAs = serializers.BooleanField(default=True)
    CertificateAuthorities = serializers.SerializerMethodField()
    Regexes = TemplateRegexShape(many=True, source="regexes.all")
    MetadataFields = serializers.ListField(child=FreeMap(), default=list)
    Policies = serializers.SerializerMethodField()
    Defaults = serializers.ListField(child=FreeMap(), default=list)
    EnrollmentFields = EnrollmentFieldShape(many=True)

    def get_CertificateAuthorities(self, template: CertificateTemplate) -> list[str]:  # noqa: N802
        return [str(template.certificate_authority)]

    @extend_schema_field(Policy)
    def get_Policies(self, template: CertificateTemplate) -> dict[str, Any]:  # noqa: N802
        return policy_of(template)
