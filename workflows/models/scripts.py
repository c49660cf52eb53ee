"""Stored scripts, which Use Custom PowerShell steps run by name (workflow-definitions.md, 3.5)."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Lower


class Script(models.Model):
    """A script under a name that never changes; `categories` are the numbers of the reference."""

    name = models.CharField(max_length=256)
    contents = models.TextField()
    categories = ArrayField(models.PositiveSmallIntegerField(), default=list)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(Lower("name"), name="script_name_is_unique")]

    def __str__(self) -> str:
        return self.name
