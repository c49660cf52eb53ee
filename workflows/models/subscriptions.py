"""Who wants to be told of changes, and what was told: deliveries are written with the change itself."""

from __future__ import annotations

import enum
import uuid
from datetime import datetime
from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower

from workflows.models.definitions import Definition


class DeliveryState(enum.IntEnum):
    Queued = 0
    Delivered = 1
    Failed = 2


class Subscription(models.Model):
    """An address that is sent a signed message when an instance comes to one of the statuses `changes`."""

    guid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    name = models.CharField(max_length=128)
    url = models.TextField()
    secret = models.BinaryField(help_text="The signing secret, encrypted.")
    changes = ArrayField(models.PositiveSmallIntegerField())
    definition = models.ForeignKey(
        Definition, null=True, on_delete=models.CASCADE, help_text="Null: instances of any."
    )
    enabled = models.BooleanField(default=True)
    failures = models.PositiveIntegerField(default=0, help_text="In a row.")
    last_error = models.TextField(blank=True)
    paused_until = models.DateTimeField(null=True, help_text="After a failure; nothing is sent before.")
    delivered_at = models.DateTimeField(null=True, help_text="The last success.")

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(Lower("name"), name="subscription_name_is_unique")]

    def __str__(self) -> str:
        return self.name


class WebhookDelivery(models.Model):
    """One message about one change; its guid is the receiver's means to know a repetition."""

    guid = models.UUIDField(default=uuid.uuid4, editable=False)
    subscription = models.ForeignKey(
        Subscription, on_delete=models.CASCADE, db_index=False, related_name="deliveries"
    )
    change = models.PositiveSmallIntegerField(help_text="The status that the instance came to.")
    data = models.JSONField(help_text="How the instance stood then; it may be gone since.")
    created_at = models.DateTimeField()
    due_at = models.DateTimeField()
    state = models.PositiveSmallIntegerField(default=DeliveryState.Queued)
    attempts = models.PositiveSmallIntegerField(default=0)
    status_code = models.PositiveSmallIntegerField(null=True, help_text="Of the last answer.")
    error = models.TextField(blank=True)
    delivered_at = models.DateTimeField(null=True)

    class Meta:
        indexes: ClassVar = [
            # The sender's claim: what is due for a subscription, oldest first.
            models.Index(
                fields=["subscription", "due_at"],
                name="delivery_due",
                condition=Q(state=DeliveryState.Queued),
            ),
            # The last deliveries of a subscription, and their deletion with it.
            models.Index(fields=["subscription", "-id"], name="delivery_by_subscription"),
        ]

    @property
    def next_attempt_at(self) -> datetime | None:
        """Not before; None when it is over."""
        return self.due_at if self.state == DeliveryState.Queued else None
