"""Starting the workflow of an event, and waiting, bounded, for its first outcome (D17)."""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from django.utils import timezone

from workflows.actions import configured
from workflows.engine import events, starting
from workflows.engine.compiling import compiled
from workflows.engine.starting import Seed, Started
from workflows.engine.watching import wait_until
from workflows.errors import Unavailable
from workflows.models import Instance, StepRun
from workflows.vocabulary.statuses import InstanceStatus, StepRunStatus
from workflows.vocabulary.workflow_types import WorkflowType


def start(workflow_type: WorkflowType, seed: Seed, *, now: datetime) -> Started:
    """Write the event and start the instance of the definition that serves its key, in this transaction."""
    found = events.listening(workflow_type, seed.key)
    if found is None:
        raise Unavailable(f"No {workflow_type} workflow is published; publish the global one.")
    started = starting.start(compiled(found.version_id), seed, now=now)
    events.record_delivered(workflow_type, found.definition_id, seed, started, now)
    return started


def wait_for_all(started: Sequence[Started]) -> dict[UUID, Instance]:
    """The instances by GUID, as they are when all have an outcome or the waiting time is over."""
    seconds = configured.ENROLL_WAIT_SECONDS.value()
    end = time.monotonic() + seconds
    return {each.guid: _wait_for(each.id, timedelta(seconds=seconds), end) for each in started}


def _wait_for(instance_id: int, patience: timedelta, end: float) -> Instance:
    """The instance as the last look found it."""
    seen: list[Instance] = []

    def is_settled() -> bool:
        seen[:] = [Instance.objects.get(pk=instance_id)]
        return _has_outcome(seen[0], timezone.now() + patience)

    wait_until(instance_id, is_settled, end - time.monotonic())
    return seen[0]


def _has_outcome(instance: Instance, patience: datetime) -> bool:
    """Whether waiting is over: it runs no more, or rests until long after the caller has gone."""
    rests = instance.ready_at is not None and instance.ready_at > patience and not _is_at_work(instance)
    return rests or instance.status != InstanceStatus.Running


def _is_at_work(instance: Instance) -> bool:
    """Whether a step is under way, whose lease is no time that it rests for."""
    runs = StepRun.objects.filter(pk=instance.run_id or 0)
    return runs.exclude(status=StepRunStatus.Waiting).exists()
