"""Signals that waiting instances take from people, and what people answered."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F

from workflows.models.instances import Instance
from workflows.models.people import Role, User

EXCLUDED = """
    COALESCE(p.excluded_ids, (
        SELECT array_remove(ARRAY[i.initiator_id, r.restarted_by_id], NULL)
        FROM workflows_instance AS i JOIN workflows_instancerecord AS r ON r.instance_id = i.id
        WHERE i.id = p.instance_id
    ))
"""
"""Who may not answer the pending signal `p`, in SQL."""


class PendingSignal(models.Model):
    """A signal that a waiting instance takes from the holders of a role; answers *Assigned to Me*.

    `excluded_ids` are the people whose own request it is, who made it or restarted it: they may not answer.
    Nobody is excluded where the step lets people answer their own. Neither ever changes, so they stand here,
    and what is assigned to a person is found without the instances. Null is what workers of the release
    before write while an upgrade goes on: `EXCLUDED` looks it up then.
    """

    # Without an index of its own: the constraint below begins with it.
    instance = models.ForeignKey(
        Instance, on_delete=models.CASCADE, db_index=False, related_name="pending_signals"
    )
    step_name = models.CharField(max_length=128)
    signal_name = models.CharField(max_length=64)
    signal_guid = models.UUIDField()
    role = models.ForeignKey(Role, on_delete=models.CASCADE, db_index=False, related_name="+")
    excluded_ids = ArrayField(models.BigIntegerField(), null=True)

    class Meta:
        indexes: ClassVar = [
            # Assigned to Me: what waits for one of these roles, answered by the index alone.
            models.Index(
                fields=["role", "instance"], include=["step_name", "excluded_ids"], name="pending_by_role"
            )
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["instance", "signal_name", "role"], name="signal_waits_once_per_role"
            )
        ]


class SignalDecision(models.Model):
    """What a person answered, once per step (D14); kept as long as the instance."""

    # Without an index of its own: the constraint below begins with it.
    instance = models.ForeignKey(Instance, on_delete=models.CASCADE, db_index=False, related_name="decisions")
    step_name = models.CharField(max_length=128)
    signal_name = models.CharField(max_length=64)
    user = models.ForeignKey(
        User, null=True, on_delete=models.SET_NULL, db_index=False, related_name="decisions"
    )
    user_name = models.CharField(max_length=200)
    approved = models.BooleanField()
    comment = models.TextField(blank=True)
    content_digest = models.CharField(max_length=64, blank=True)
    decided_at = models.DateTimeField()

    class Meta:
        indexes: ClassVar = [
            # A person's own decisions, by time, and what he need not be asked again.
            models.Index(
                fields=["user", "decided_at", "id"],
                include=["instance", "step_name"],
                name="decision_by_person",
            )
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(
                F("instance"), F("step_name"), F("signal_name"), F("user"), name="one_decision_per_person"
            )
        ]
