"""Starting instances: one for a person who waits, or thousands for a mass event, by the same statement."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from workflows.engine import queue, telling
from workflows.engine.compiling import CompiledVersion, compiled
from workflows.engine.expressions.values import check_json_safe
from workflows.engine.outcomes import MAXIMUM_DATA_BYTES
from workflows.engine.queue import Queue
from workflows.models import DefinitionVersion, sql
from workflows.vocabulary.statuses import InstanceStatus

CHUNK = 1000  # rows of one INSERT: large enough to be cheap, small enough to start running early


@dataclass(frozen=True, slots=True)
class Seed:
    """What one instance begins with."""

    title: str
    initiating_user_name: str
    data: Mapping[str, Any]
    initiator_id: int | None = None
    key: str = ""
    request_id: int | None = None
    certificate_id: int | None = None
    restarted_from_id: int | None = None
    restarted_by_id: int | None = None
    failure: str = ""  # refused before the first step: the instance ends Failed with this message
    guid: uuid.UUID = field(default_factory=uuid.uuid4)


class Started(NamedTuple):
    id: int
    guid: uuid.UUID


_INSERT = """
    WITH seeds AS (
        SELECT * FROM unnest(
            %b::uuid[], %b::jsonb[], %b::bigint[], %b::bigint[], %b::bigint[], %b::smallint[], %b::text[],
            %b::timestamptz[], %b::text[], %b::text[], %b::text[], %b::bigint[], %b::bigint[]
        ) AS s(
            guid, data, initiator_id, request_id, certificate_id, status, message,
            ready_at, title, user_name, key, restarted_from_id, restarted_by_id
        )
    ), started AS (
        INSERT INTO workflows_instance (guid, version_id, status, status_message, queue, ready_at, step_name,
            step_display_name, step_guid, attempt, data, was_stopped, initiator_id, request_id,
            certificate_id, started_at, modified_at)
        SELECT guid, %s, status, message, %s, ready_at, %s, %s, %s, 0, data, false, initiator_id, request_id,
            certificate_id, %s, %s
        FROM seeds
        RETURNING id, guid
    ), recorded AS (
        INSERT INTO workflows_instancerecord (instance_id, definition_id, started_at, title,
            initiating_user_name, workflow_type, key, initial_data, restarted_from_id, restarted_by_id)
        SELECT started.id, %s, %s, title, user_name, %s, key, data, restarted_from_id, restarted_by_id
        FROM started JOIN seeds USING (guid)
    )
    SELECT id, guid FROM started
"""


def start(
    version: DefinitionVersion | CompiledVersion,
    seed: Seed,
    *,
    now: datetime,
    queue_name: str = Queue.INTERACTIVE,
) -> Started:
    """Start one instance in the current transaction; a worker is woken when it commits."""
    check_json_safe(seed.data, limit_bytes=MAXIMUM_DATA_BYTES)
    return start_many(version, [seed], now=now, queue_name=queue_name)[0]


def start_many(
    version: DefinitionVersion | CompiledVersion,
    seeds: Sequence[Seed],
    *,
    now: datetime,
    queue_name: str = Queue.BULK,
) -> list[Started]:
    """Start many instances of one version in the current transaction, in the order of `seeds`."""
    plan = compiled(version.id)
    started = [row for chunk in _chunks(seeds) for row in _insert(plan, chunk, now, queue_name)]
    telling.tell([row.id for row, seed in zip(started, seeds, strict=True) if seed.failure], now)
    queue.wake_on_commit(queue_name)
    return started


def _chunks(seeds: Sequence[Seed]) -> Iterator[Sequence[Seed]]:
    return (seeds[place : place + CHUNK] for place in range(0, len(seeds), CHUNK))


def _insert(plan: CompiledVersion, seeds: Sequence[Seed], now: datetime, queue_name: str) -> list[Started]:
    first = plan.steps[plan.first]
    place = (first.unique_name, first.display_name, first.guid)
    arguments: tuple[Any, ...] = (
        *_arrays(seeds, now),
        plan.id,
        queue_name,
        *place,
        now,
        now,
        plan.definition_id,
        now,
        plan.workflow_type,
    )
    ids = {guid: id_ for id_, guid in sql.rows(_INSERT, arguments, prepare=True)}
    return [Started(ids[seed.guid], seed.guid) for seed in seeds]


def _arrays(seeds: Sequence[Seed], now: datetime) -> tuple[list[Any], ...]:
    return (
        [seed.guid for seed in seeds],
        [json.dumps(seed.data) for seed in seeds],
        sql.sparse([seed.initiator_id for seed in seeds]),
        sql.sparse([seed.request_id for seed in seeds]),
        sql.sparse([seed.certificate_id for seed in seeds]),
        [int(InstanceStatus.Failed if seed.failure else InstanceStatus.Running) for seed in seeds],
        [seed.failure for seed in seeds],
        [None if seed.failure else now for seed in seeds],
        [seed.title for seed in seeds],
        [seed.initiating_user_name for seed in seeds],
        [seed.key for seed in seeds],
        sql.sparse([seed.restarted_from_id for seed in seeds]),
        sql.sparse([seed.restarted_by_id for seed in seeds]),
    )
