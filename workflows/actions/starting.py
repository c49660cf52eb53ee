"""Starting the workflow of an event, and waiting, bounded, for its first outcome (D17)."""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial
from uuid import UUID

from django.utils import timezone

from workflows.actions import configured
from workflows.engine import events, starting
from workflows.engine.starting import Seed, Started
from workflows.engine.watching import wait_until
from workflows.errors import Unavailable
from workflows.models import Instance
from workflows.vocabulary.statuses import InstanceStatus
from workflows.vocabulary.workflow_types import WorkflowType


def start(workflow_type: WorkflowType, seed: Seed, *, now: datetime) -> Started:
    """Write the event and start the instance of the definition that serves its key, in this transaction."""
    definition = events.listening(workflow_type, seed.key)
    if definition is None or definition.published is None:
        raise Unavailable(f"No {workflow_type} workflow is published; publish the global one.")
    started = starting.start(definition.published, seed, now=now)
    events.record_delivered(definition, seed, started, now)
    return started


def wait_for_all(started: Sequence[Started]) -> dict[UUID, Instance]:
    """The instances by GUID, as they are when all have an outcome or the waiting time is over."""
    seconds = configured.ENROLL_WAIT_SECONDS.value()
    end = time.monotonic() + seconds
    for each in started:
        wait_until(each.id, partial(_has_outcome, each.id, seconds), end - time.monotonic())
    rows = Instance.objects.filter(pk__in=[each.id for each in started])
    return {row.guid: row for row in rows.select_related("record", "version")}


def _has_outcome(instance_id: int, seconds: int) -> bool:
    """Whether waiting is over: it runs no more, or rests until long after the caller has gone."""
    patience = timezone.now() + timedelta(seconds=seconds)
    running = Instance.objects.filter(pk=instance_id, status=InstanceStatus.Running)
    return not running.exclude(run_id__isnull=True, ready_at__gt=patience).exists()
