"""The audit log's table; `workflows.audit` is its only writer, a trigger refuses update and delete."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from workflows.vocabulary.auditing import Level


class AuditEntry(models.Model):
    timestamp = models.DateTimeField()
    user_name = models.CharField(max_length=200)
    operation = models.PositiveSmallIntegerField()
    category = models.PositiveSmallIntegerField()
    level = models.PositiveSmallIntegerField(default=Level.Information)
    entity_type = models.CharField(max_length=60)
    audit_identifier = models.CharField(max_length=400)
    immutable_identifier = models.CharField(max_length=100)
    before = models.JSONField(null=True)
    after = models.JSONField(null=True)
    request_id = models.CharField(max_length=64, blank=True)
    mac = models.BinaryField(max_length=32)

    class Meta:
        indexes: ClassVar = [
            # Related entries of one object, newest first.
            models.Index(fields=["immutable_identifier", "-id"], name="audit_by_object")
        ]
