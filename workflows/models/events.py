"""Events that start instances, each delivered at most once to a definition (design.md, 3)."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from workflows.models.definitions import Definition
from workflows.models.instances import Instance


class Event(models.Model):
    """Something happened; written in the transaction of the change that caused it.

    `occurrence` names the happening so that a scan that runs twice does not write it twice.
    """

    workflow_type = models.CharField(max_length=40)
    key = models.CharField(max_length=100, blank=True)
    broad_key = models.CharField(
        max_length=100,
        blank=True,
        default="",
        help_text="The store type, where the key names a container too.",
    )
    occurrence = models.CharField(max_length=200)
    data = models.JSONField(default=dict)
    happened_at = models.DateTimeField()
    delivered_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["workflow_type", "occurrence"], name="event_occurs_once")
        ]
        indexes: ClassVar = [
            # The delivery sweep of every tick: what waits for the keys of active definitions.
            models.Index(
                fields=["workflow_type", "key", "id"],
                name="event_waiting",
                condition=Q(delivered_at__isnull=True),
            ),
            # The same for definitions that serve a store type in all its containers.
            models.Index(
                fields=["workflow_type", "broad_key", "id"],
                name="event_waiting_broadly",
                condition=Q(delivered_at__isnull=True, broad_key__gt=""),
            ),
        ]


class EventDelivery(models.Model):
    event = models.ForeignKey(Event, on_delete=models.CASCADE, related_name="deliveries")
    definition = models.ForeignKey(Definition, on_delete=models.CASCADE)
    instance = models.ForeignKey(Instance, null=True, on_delete=models.SET_NULL)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["event", "definition"], name="event_starts_a_definition_once")
        ]
