"""What an administrator set in place of the environment's defaults; a row for each that was ever changed."""

from __future__ import annotations

from django.db import models


class AppSettingValue(models.Model):
    """The text of a setting as the wire writes it; null is the default. `version` counts its changes."""

    name = models.CharField(max_length=64, primary_key=True)
    value = models.TextField(null=True)
    version = models.PositiveIntegerField(default=0)
    changed_at = models.DateTimeField(null=True)
    changed_by = models.CharField(max_length=200, blank=True)
