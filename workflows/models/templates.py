"""Certificate templates and metadata fields (events-security-audit.md, 3.1 and 3.6)."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Lower

from workflows.models.people import Role
from workflows.vocabulary.enrollment import (
    EnrollmentType,
    KeyRetentionPolicy,
    MetadataDataType,
    MetadataEnrollment,
)


class CertificateTemplate(models.Model):
    """What certificates of one kind look like and who may ask for them."""

    common_name = models.CharField(max_length=100, help_text="Short name that requests use.")
    display_name = models.CharField(max_length=200)
    oid = models.CharField(max_length=100, blank=True)
    certificate_authority = models.ForeignKey("CertificateAuthority", on_delete=models.PROTECT)
    allowed_enrollment_types = models.PositiveSmallIntegerField(default=EnrollmentType.CSR)
    key_specs = models.JSONField(default=list, help_text='Such as {"type": "RSA", "bits": 2048}.')
    validity_days = models.PositiveIntegerField(default=365)
    key_usage = ArrayField(models.CharField(max_length=30), default=list)
    extended_key_usages = ArrayField(models.CharField(max_length=100), default=list, help_text="OIDs.")
    allow_wildcards = models.BooleanField(default=False)
    require_san = models.BooleanField(default=False)
    key_retention = models.PositiveSmallIntegerField(default=KeyRetentionPolicy.Disabled)
    enrollment_fields = models.JSONField(default=list, blank=True)
    use_allowed_requesters = models.BooleanField(default=False)
    allowed_requesters = models.ManyToManyField(Role, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(Lower("common_name"), name="template_name_is_unique")
        ]

    def __str__(self) -> str:
        return self.common_name


class TemplateRegex(models.Model):
    """A rule for one part of the subject, with the text that a requester sees when it is broken."""

    template = models.ForeignKey(CertificateTemplate, on_delete=models.CASCADE, related_name="regexes")
    subject_part = models.CharField(max_length=20)
    regex = models.CharField(max_length=1000)
    error = models.CharField(max_length=1000)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["template", "subject_part"], name="one_regex_per_subject_part")
        ]


class MetadataField(models.Model):
    """A named value that people attach to certificates."""

    name = models.CharField(max_length=256)
    description = models.CharField(max_length=1024)
    data_type = models.PositiveSmallIntegerField(default=MetadataDataType.String)
    hint = models.CharField(max_length=128, blank=True)
    validation = models.CharField(max_length=4000, blank=True)
    enrollment = models.PositiveSmallIntegerField(default=MetadataEnrollment.Optional)
    message = models.CharField(max_length=1024, blank=True)
    options = models.TextField(blank=True)
    default_value = models.CharField(max_length=100, blank=True)
    allow_api = models.BooleanField(default=True)
    explicit_update = models.BooleanField(default=False)
    display_order = models.IntegerField(default=0)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(Lower("name"), name="metadata_name_is_unique")]

    def __str__(self) -> str:
        return self.name
