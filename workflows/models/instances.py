"""Instances and their history.

`Instance` is the hot row that the engine updates several times a second: each index costs every turn, so it
has few. What people search by (definition, start, title, data) lies in `InstanceRecord`, written once.
"""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex, GistIndex, OpClass, SpGistIndex
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Upper

from workflows.models.certificates import Certificate, CertificateRequest
from workflows.models.definitions import Definition, DefinitionVersion
from workflows.models.people import User
from workflows.models.title_keys import TitleKeys
from workflows.vocabulary.statuses import FINISHED, InstanceStatus

InstanceName = uuid.UUID | str | int
"""A GUID, or the ReferenceId as a whole number."""


def instance_named(name: InstanceName) -> Q:
    return Q(pk=name) if isinstance(name, int) else Q(guid=name)


class Instance(models.Model):
    """One run of one version for one event; its id is `ReferenceId` of the wire.

    `ready_at` says when a worker may take it: now when new or resumed, a due time for timers and retries, the
    end of the lease during an outside call, null while it waits for people or has finished.
    """

    guid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    version = models.ForeignKey(DefinitionVersion, on_delete=models.PROTECT, related_name="instances")
    status = models.PositiveSmallIntegerField(default=InstanceStatus.Running)
    status_message = models.TextField(blank=True)
    queue = models.CharField(max_length=20, default="interactive")
    ready_at = models.DateTimeField(null=True)
    step_name = models.CharField(max_length=128, blank=True)
    step_display_name = models.CharField(max_length=255, blank=True)
    step_guid = models.UUIDField(null=True)
    attempt = models.PositiveSmallIntegerField(default=0)
    run_id = models.BigIntegerField(null=True, help_text="The step run that is under way or waits.")
    data = models.JSONField(default=dict)
    was_stopped = models.BooleanField(default=False)
    initiator = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, db_index=False)
    request = models.ForeignKey(
        CertificateRequest, null=True, on_delete=models.SET_NULL, db_index=False, related_name="instances"
    )
    certificate = models.ForeignKey(Certificate, null=True, on_delete=models.SET_NULL, db_index=False)
    started_at = models.DateTimeField()
    modified_at = models.DateTimeField()

    class Meta:
        indexes: ClassVar = [
            # The claim of every worker: what is ready in this queue, oldest first.
            models.Index(
                fields=["queue", "ready_at", "id"],
                name="instance_ready",
                condition=Q(ready_at__isnull=False),
            ),
            # Instances of one status, newest first, and how many there are.
            models.Index(fields=["status", "id"], name="instance_by_status"),
            # What came to its end lately. Those that go on cost nothing: they are not in it.
            models.Index(
                fields=["status", "modified_at", "id"],
                name="instance_by_end",
                condition=Q(status__in=sorted(FINISHED)),
            ),
            # My Workflows, Created by Me: newest first. Mass events have no initiator and no request, and
            # each index costs every turn of theirs.
            models.Index(
                fields=["initiator", "-id"],
                name="instance_by_initiator",
                condition=Q(initiator__isnull=False),
            ),
            # The instances of a certificate request.
            models.Index(fields=["request"], name="instance_by_request", condition=Q(request__isnull=False)),
        ]


class InstanceRecord(models.Model):
    """What never changes after the start: who, what, and the initial data that Restart begins from.

    Here are the indexes of searches (docs/lists.md): the row is written once, so each costs an instance once.
    """

    instance = models.OneToOneField(
        Instance, primary_key=True, on_delete=models.CASCADE, related_name="record"
    )
    # That of the version, which protects it.
    definition = models.ForeignKey(
        Definition, on_delete=models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+"
    )
    started_at = models.DateTimeField()
    title = models.TextField()
    initiating_user_name = models.CharField(max_length=200)
    workflow_type = models.CharField(max_length=40)
    key = models.CharField(max_length=100, blank=True)
    initial_data = models.JSONField(default=dict)
    restarted_from = models.ForeignKey(
        Instance, null=True, on_delete=models.SET_NULL, db_index=False, related_name="restarts"
    )
    restarted_by = models.ForeignKey(
        User, null=True, on_delete=models.SET_NULL, db_index=False, related_name="+"
    )

    class Meta:
        indexes: ClassVar = [
            # From an instance to those that were restarted from it.
            models.Index(
                fields=["restarted_from"],
                name="record_by_origin",
                condition=Q(restarted_from__isnull=False),
            ),
            # Instances of one definition, newest first.
            models.Index(fields=["definition", "instance"], name="record_by_definition"),
            # Instances by start: sorted, or from one moment to another.
            models.Index(fields=["started_at", "instance"], name="record_by_start"),
            # Instances by ReferenceId that started from one moment to another (workflows/search/by_key.py).
            # Not of the id itself, by which the planner would look for one instance here, and slowly.
            GistIndex(F("started_at"), F("instance") + 0, name="record_by_start_and_id"),
            # A whole title or its beginning, without case; of any length, which a tree index has no room for.
            SpGistIndex(Upper("title"), name="record_by_whole_title"),
            # Whole words of a title and parts of its numbers, without case.
            GinIndex(TitleKeys("title"), name="record_by_title_keys"),
            # Any other part of a title, without case.
            GinIndex(OpClass(Upper("title"), name="gin_trgm_ops"), name="record_by_title"),
            # A fact of the data bucket.
            GinIndex(fields=["initial_data"], name="record_by_data", opclasses=["jsonb_path_ops"]),
        ]


class StepRun(models.Model):
    """One attempt at one step: what it changed, how its conditions came out, when. Append-only.

    The instance is not a database constraint: checking it costs a third of a batch's insert time, and only
    the engine writes here.
    """

    instance = models.ForeignKey(
        Instance, on_delete=models.DO_NOTHING, db_constraint=False, db_index=False, related_name="step_runs"
    )
    step_name = models.CharField(max_length=128)
    step_display_name = models.CharField(max_length=255)
    extension = models.CharField(max_length=64)
    attempt = models.PositiveSmallIntegerField(default=1)
    status = models.PositiveSmallIntegerField()
    output = models.CharField(max_length=40, blank=True)
    message = models.TextField(blank=True)
    changes = models.JSONField(null=True)
    conditions = models.JSONField(null=True)
    idempotency_key = models.UUIDField(null=True)
    content_digest = models.CharField(
        max_length=64, blank=True, help_text="What an approval step asked about."
    )
    role_ids = ArrayField(
        models.BigIntegerField(), null=True, help_text="Whom it asked; null where it asked nobody."
    )
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)

    class Meta:
        indexes: ClassVar = [
            # The timeline of one instance, and its deletion.
            models.Index(fields=["instance", "id"], name="step_run_by_instance")
        ]


class AwaitedInstance(models.Model):
    """The end of `instance` makes `waiter` ready; the row goes with it."""

    instance = models.OneToOneField(
        Instance, primary_key=True, on_delete=models.CASCADE, related_name="awaited_by"
    )
    waiter = models.ForeignKey(Instance, on_delete=models.CASCADE, related_name="+")
    is_over = models.BooleanField(
        default=False,
        db_default=False,
        help_text="It has ended while somebody else had the waiter in hands, who is yet to be woken.",
    )

    class Meta:
        indexes: ClassVar = [
            # What each tick looks for: hardly ever there, whatever number waits.
            models.Index(fields=["instance"], name="awaited_and_over", condition=Q(is_over=True)),
        ]


class StopRequest(models.Model):
    """Somebody wants the instance stopped; written without the instance's lock, obeyed by the runner (D5)."""

    instance = models.OneToOneField(
        Instance, primary_key=True, on_delete=models.CASCADE, related_name="stop_request"
    )
    user = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    user_name = models.CharField(max_length=200)
    requested_at = models.DateTimeField()
