"""Runs of the housekeeping: what one has deleted so far, until its audit entry says it."""

from __future__ import annotations

from django.db import models


class PurgeRun(models.Model):
    """One look for old instances; its counts are stored with each batch, so that a crash hides nothing."""

    user_name = models.CharField(max_length=200)
    cutoff = models.DateTimeField(null=True, help_text="What ended before it is old; null: nothing is.")
    counts = models.JSONField(default=dict, help_text="Deleted instances by name of their status.")
    oldest = models.DateTimeField(null=True)
    newest = models.DateTimeField(null=True)
    started_at = models.DateTimeField()
    seen_at = models.DateTimeField(help_text="When it last did something.")
    ended_at = models.DateTimeField(null=True)
    is_complete = models.BooleanField(default=False, help_text="Nothing old was left at its end.")
