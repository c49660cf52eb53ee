"""Mails to people: rows written with the decision that caused them, sent by a task of their own."""

from __future__ import annotations

import enum
from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from workflows.models.instances import Instance


class NotificationStatus(enum.IntEnum):
    Queued = 0
    Sent = 1
    Failed = 2
    Kept = 3  # no mail server is configured; readable in the portal


class Notification(models.Model):
    instance = models.ForeignKey(Instance, null=True, on_delete=models.SET_NULL, related_name="notifications")
    recipients = ArrayField(models.CharField(max_length=320))
    subject = models.TextField()
    html = models.TextField()
    status = models.PositiveSmallIntegerField(default=NotificationStatus.Queued)
    attempts = models.PositiveSmallIntegerField(default=0)
    due_at = models.DateTimeField()
    created_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)
    error = models.TextField(blank=True)

    class Meta:
        indexes: ClassVar = [
            # The sender's claim: what is due, oldest first.
            models.Index(
                fields=["due_at"], name="notification_due", condition=Q(status=NotificationStatus.Queued)
            )
        ]
