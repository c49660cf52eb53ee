"""Events: written with the change that caused them, delivered once to each definition that listens."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import structlog
from django.db import transaction

from workflows.engine import registry, starting
from workflows.engine.queue import Queue
from workflows.models import Definition, DefinitionKey, Event, EventDelivery
from workflows.vocabulary.workflow_types import WorkflowType

log = structlog.get_logger(__name__)

DELIVERIES_AT_ONCE = 500


def publish(
    workflow_type: WorkflowType, *, key: str, occurrence: str, data: Mapping[str, Any], now: datetime
) -> Event | None:
    """Write an event in the current transaction; None when this occurrence is known already."""
    event, created = Event.objects.get_or_create(
        workflow_type=workflow_type,
        occurrence=occurrence,
        defaults={"key": key, "data": dict(data), "happened_at": now},
    )
    return event if created else None


def listening(workflow_type: str, key: str) -> Definition | None:
    """The active definition for a key, else the type's global one (workflow-definitions.md, 2.1)."""
    bound = DefinitionKey.objects.filter(workflow_type=workflow_type, value=key).values("definition")
    active = Definition.objects.active().select_related("published").filter(workflow_type=workflow_type)
    return active.filter(pk__in=bound).first() or active.filter(is_global=True).first()


def deliver(now: datetime) -> int:
    """Start the instances of waiting events; an event that nobody listens to waits until somebody does."""
    with transaction.atomic():
        waiting = list(
            Event.objects.filter(delivered_at__isnull=True)
            .exclude(workflow_type__in=_synchronous())
            .order_by("id")
            .select_for_update(skip_locked=True)[:DELIVERIES_AT_ONCE]
        )
        return sum(_deliver_alike(group, now) for group in _by_key(waiting))


def record_delivery(event: Event, definition: Definition, started: starting.Started, now: datetime) -> None:
    """Note that `event` has started an instance; the database refuses a second time."""
    EventDelivery.objects.create(event=event, definition=definition, instance_id=started.id)
    Event.objects.filter(pk=event.pk).update(delivered_at=now)


def _synchronous() -> list[str]:
    """Types whose instances start in the request itself."""
    return [WorkflowType.Enrollment, WorkflowType.Revocation]


def _by_key(events: Sequence[Event]) -> list[list[Event]]:
    groups: dict[tuple[str, str], list[Event]] = {}
    for event in events:
        groups.setdefault((event.workflow_type, event.key), []).append(event)
    return list(groups.values())


def _deliver_alike(events: Sequence[Event], now: datetime) -> int:
    definition = listening(events[0].workflow_type, events[0].key)
    if definition is None or definition.published is None:
        return 0
    seeds = [_seed(event) for event in events]
    started = starting.start_many(definition.published, seeds, now=now, queue_name=Queue.BULK)
    EventDelivery.objects.bulk_create(
        EventDelivery(event=event, definition=definition, instance_id=row.id)
        for event, row in zip(events, started, strict=True)
    )
    Event.objects.filter(pk__in=[event.pk for event in events]).update(delivered_at=now)
    return len(started)


def _seed(event: Event) -> starting.Seed:
    spec = registry.workflow_type(event.workflow_type)
    title = spec.title("Timer Service", event.data) if spec else event.occurrence
    return starting.Seed(title=title, initiating_user_name="Timer Service", data=event.data, key=event.key)
