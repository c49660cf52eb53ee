"""Events: written with the change that caused them, delivered once to each definition that listens."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any, NamedTuple

import structlog
from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from workflows.access.actors import TIMER_SERVICE
from workflows.engine import registry, starting
from workflows.engine.queue import Queue
from workflows.engine.starting import Seed, Started
from workflows.models import Definition, DefinitionKey, Event, EventDelivery, sql
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
        defaults={
            "key": key,
            "broad_key": _broad(key),
            "data": dict(data),
            "happened_at": now,
        },
    )
    return event if created else None


class Listening(NamedTuple):
    """An active definition and the version that it has published."""

    definition_id: int
    version_id: int


_LISTENING = """
    SELECT d.id, d.published_id
    FROM workflows_definition d LEFT JOIN workflows_definitionkey k
        ON k.definition_id = d.id AND k.workflow_type = d.workflow_type AND k.value IN (%s, %s)
    WHERE d.workflow_type = %s AND d.enabled AND d.deleted_at IS NULL AND d.published_id IS NOT NULL
        AND (k.id IS NOT NULL OR d.is_global)
    ORDER BY k.value = %s DESC NULLS LAST, d.is_global LIMIT 1
"""


def listening(workflow_type: str, key: str) -> Listening | None:
    """Who listens to a key, else to its broad key, else to everything of the type (reference: 2.1)."""
    found = sql.rows(_LISTENING, (key, _broad(key), workflow_type, key), prepare=True)
    return Listening(*found[0]) if found else None


def waiting_for(definition: Definition, only: Collection[str] | None = None) -> QuerySet[Event]:
    """Undelivered events of the definition's keys, or of those named; of a broad key those that no narrower
    one takes."""
    keys = definition.keys.values("value") if only is None else only
    narrower = DefinitionKey.objects.filter(
        workflow_type=definition.workflow_type,
        value=OuterRef("key"),
        definition__in=Definition.objects.active(),
    )
    exact, broad = Q(key__in=keys), Q(broad_key__in=keys, broad_key__gt="") & ~Exists(narrower)
    return _waiting().filter(exact | broad, workflow_type=definition.workflow_type)


def deliver(now: datetime) -> int:
    """Start the instances of waiting events; an event that nobody listens to waits until somebody does."""
    return sum(_deliver_all(definition, now) for definition in _awaited())


_RECORD_DELIVERED = """
    WITH event AS (
        INSERT INTO workflows_event
            (workflow_type, key, broad_key, occurrence, data, happened_at, delivered_at)
        VALUES (%s, %s, '', %s, jsonb_build_object('Initiator', %s::text), %s, %s) RETURNING id
    )
    INSERT INTO workflows_eventdelivery (event_id, definition_id, instance_id) SELECT id, %s, %s FROM event
"""


def record_delivered(
    workflow_type: WorkflowType, definition_id: int, seed: Seed, started: Started, now: datetime
) -> None:
    """Write the event of a request that has started its instance in this transaction."""
    event = (workflow_type, seed.key, str(seed.guid), seed.initiating_user_name, now, now)
    sql.execute(_RECORD_DELIVERED, (*event, definition_id, started.id), prepare=True)


def _awaited() -> list[Definition]:
    """Active definitions for whose keys events wait; those of requests start in the request itself."""
    events = _waiting().filter(workflow_type=OuterRef("workflow_type"))
    exact = events.filter(key=OuterRef("value"))
    broad = events.filter(broad_key=OuterRef("value"), broad_key__gt="")
    bound = DefinitionKey.objects.filter(Exists(exact) | Exists(broad)).values("definition")
    active = Definition.objects.active().select_related("published").filter(pk__in=bound)
    return list(active.exclude(workflow_type__in=[WorkflowType.Enrollment, WorkflowType.Revocation]))


def _waiting() -> QuerySet[Event]:
    return Event.objects.filter(delivered_at__isnull=True)


def _deliver_all(definition: Definition, now: datetime) -> int:
    """Deliver what waits for a definition; one that cannot run holds up no other."""
    total, count = 0, DELIVERIES_AT_ONCE
    while count == DELIVERIES_AT_ONCE:
        try:
            with transaction.atomic():
                count = _deliver_some(definition, now)
        except Exception:
            log.exception("events cannot be delivered", definition=str(definition.guid))
            return total
        total += count
    return total


def _deliver_some(definition: Definition, now: datetime) -> int:
    rows = waiting_for(definition).order_by("id")
    waiting = list(rows.select_for_update(of=("self",), skip_locked=True)[:DELIVERIES_AT_ONCE])
    if not waiting or definition.published is None:
        return 0
    seeds = [_seed(event) for event in waiting]
    started = starting.start_many(definition.published, seeds, now=now, queue_name=Queue.BULK)
    EventDelivery.objects.bulk_create(
        EventDelivery(event=event, definition=definition, instance_id=row.id)
        for event, row in zip(waiting, started, strict=True)
    )
    Event.objects.filter(pk__in=[event.pk for event in waiting]).update(delivered_at=now)
    return len(started)


def _broad(key: str) -> str:
    """The store type of `<store type>:<container>`, for which a definition may listen; else empty."""
    broad, colon, _container = key.partition(":")
    return broad if colon else ""


def _seed(event: Event) -> Seed:
    return Seed(title=_title(event), initiating_user_name=TIMER_SERVICE.name, data=event.data, key=event.key)


def _title(event: Event) -> str:
    """What the type says of the event; a plain name rather than no instance where it cannot."""
    spec = registry.workflow_type(event.workflow_type)
    try:
        if spec is not None:
            return spec.title(TIMER_SERVICE.name, event.data)
    except Exception:
        log.exception("an event has no title", event_id=event.pk)
    return f"{event.workflow_type}: {event.occurrence}"
