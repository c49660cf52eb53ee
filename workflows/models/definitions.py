"""Workflow definitions, their numbered versions and the keys they serve (workflow-definitions.md, 1.5)."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.db import models
from django.db.models import Q


class DefinitionQuerySet(models.QuerySet["Definition"]):
    def present(self) -> DefinitionQuerySet:
        """Those that were not deleted; a deleted one stays for the instances that ran it."""
        return self.filter(deleted_at__isnull=True)

    def active(self) -> DefinitionQuerySet:
        """Those that start instances: present, enabled and published."""
        return self.present().filter(enabled=True, published__isnull=False)


class Definition(models.Model):
    """A named workflow of one type. The newest version is the draft; one may be published."""

    guid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    workflow_type = models.CharField(max_length=40)
    is_global = models.BooleanField(default=False)
    enabled = models.BooleanField(default=True)
    latest = models.ForeignKey("DefinitionVersion", null=True, on_delete=models.PROTECT, related_name="+")
    published = models.ForeignKey("DefinitionVersion", null=True, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    deleted_at = models.DateTimeField(null=True, blank=True)
    revision = models.PositiveIntegerField(default=0, help_text="Counts every change; what If-Match names.")

    objects = DefinitionQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["workflow_type"],
                condition=Q(is_global=True, deleted_at__isnull=True),
                name="one_global_definition_per_type",
            )
        ]

    @property
    def is_active(self) -> bool:
        """Whether it starts instances, as `DefinitionQuerySet.active` says it of rows."""
        return self.enabled and self.published_id is not None and self.deleted_at is None


class DefinitionVersion(models.Model):
    """A list of steps under a number; frozen for ever when first published."""

    definition = models.ForeignKey(Definition, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    display_name = models.CharField(max_length=255)
    description = models.TextField(blank=True)
    steps = models.JSONField(default=list)
    created_at = models.DateTimeField(auto_now_add=True)
    created_by = models.CharField(max_length=200, blank=True)
    frozen_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["definition", "number"], name="version_number_is_unique")
        ]


class DefinitionRevision(models.Model):
    """A definition as it was after one of its changes; secrets are digests."""

    definition = models.ForeignKey(Definition, on_delete=models.CASCADE, related_name="revisions")
    number = models.PositiveIntegerField()
    content = models.JSONField()
    saved_at = models.DateTimeField(auto_now_add=True)
    saved_by = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["definition", "number"], name="revision_number_is_unique")
        ]


class DefinitionKey(models.Model):
    """A template, collection or alert that a definition serves; no two definitions share one (D16)."""

    definition = models.ForeignKey(Definition, on_delete=models.CASCADE, related_name="keys")
    workflow_type = models.CharField(max_length=40)
    value = models.CharField(max_length=100)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["workflow_type", "value"], name="one_definition_per_key")
        ]
