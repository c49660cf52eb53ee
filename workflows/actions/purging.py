"""Purge: deleting instances that ended long ago, in small bites that nobody notices.

An instance that somebody else holds is passed over until the next run. Requests and certificates stay. Each
run that deleted something writes one audit entry, also when the process that ran it has died.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from django.db import connection, transaction
from django.db.models import QuerySet
from django.utils import timezone

from workflows import audit
from workflows.access.actors import TIMER_SERVICE, Actor
from workflows.actions import configured
from workflows.engine import chains, changes
from workflows.models import Instance, PurgeRun, StepRun
from workflows.vocabulary.auditing import Category, Operation
from workflows.vocabulary.statuses import FINISHED, InstanceStatus

IDENTIFIER = "purge"
SLICE = 2000  # rows looked at in one statement
BATCH = 200  # instances deleted in one transaction
# One batch at a time: of neighbours in a chain of restarts that go at once, neither would know its end.
_LOCK = 0x50_55_52_47_45
ABANDONED = timedelta(minutes=10)  # a run that did nothing for so long has died

_SLICE = """
    SELECT max(id), min(started_at) FROM (
        SELECT id, started_at FROM workflows_instance WHERE id > %s ORDER BY id LIMIT %s
    ) AS slice
"""
_OLD = """
    FROM workflows_instance
    WHERE id > %s AND id <= %s AND status = ANY(%s) AND modified_at < %s AND ready_at IS NULL
        AND NOT EXISTS (SELECT FROM workflows_awaitedinstance AS a WHERE instance_id = workflows_instance.id)
"""
_TAKE = f"SELECT id, status, modified_at {_OLD} ORDER BY id LIMIT %s FOR UPDATE SKIP LOCKED"
_COUNT = f"SELECT status, count(*) {_OLD} GROUP BY status"


@dataclass(frozen=True)
class Rule:
    """What is old: ended before `cutoff` with one of `statuses`, which are finished ones."""

    cutoff: datetime
    statuses: tuple[InstanceStatus, ...]

    @property
    def numbers(self) -> list[int]:
        """Of the statuses; running and suspended instances are never deleted, whatever was asked for."""
        return [int(each) for each in self.statuses if each in FINISHED]


@dataclass(frozen=True)
class Survey:
    """How many instances of each status are old; at least so many where the time did not suffice."""

    counts: Counter[str]
    is_exact: bool = True


class _Old(NamedTuple):
    id: int
    status: int
    modified_at: datetime


def rule_now(now: datetime) -> Rule | None:
    """What the application settings say; None when nothing is ever old."""
    days = configured.PURGE_AGE_DAYS.value()
    if days is None:
        return None
    names = configured.PURGE_STATUSES.value()
    return Rule(now - timedelta(days=days), tuple(InstanceStatus[name] for name in names))


def purge(rule: Rule | None, *, actor: Actor, seconds: float = float("inf")) -> PurgeRun:
    """Delete what is old, for at most `seconds`; what it did stands in the run that it returns."""
    settle_abandoned(timezone.now())
    run = _begin(rule, actor)
    try:
        run.is_complete = rule is None or _delete_all(rule, run, time.monotonic() + seconds)
    finally:
        _end(run, timezone.now())
    return run


def survey(rule: Rule, *, seconds: float = float("inf")) -> Survey:
    """What a purge would delete now, counted for at most `seconds`."""
    found: Counter[str] = Counter()
    end = time.monotonic() + seconds
    for first, last in _slices(rule):
        with connection.cursor() as cursor:
            cursor.execute(_COUNT, [first, last, rule.numbers, rule.cutoff])
            found.update({InstanceStatus(status).name: count for status, count in cursor.fetchall()})
        if time.monotonic() > end:
            return Survey(found, is_exact=False)
    return Survey(found)


def old(rule: Rule) -> QuerySet[Instance]:
    """What a purge would delete now, for those who want no more than to know whether it is much."""
    return Instance.objects.filter(
        status__in=rule.numbers, modified_at__lt=rule.cutoff, ready_at__isnull=True
    )


def settle_abandoned(now: datetime) -> None:
    """Write the audit entries of runs that died before they could."""
    rows = PurgeRun.objects.filter(ended_at__isnull=True, seen_at__lt=now - ABANDONED)
    for run in rows:
        _end(run, now)


def is_due(now: datetime) -> bool:
    """Whether the scan interval is over, or the last run left something behind; a purge by hand is none."""
    last = PurgeRun.objects.filter(user_name=TIMER_SERVICE.name).order_by("-pk").first()
    if last is None:
        return True
    if last.ended_at is None:
        return last.seen_at < now - ABANDONED
    return not last.is_complete or last.started_at <= now - _interval()


def _interval() -> timedelta:
    return timedelta(minutes=configured.PURGE_SCAN_MINUTES.value())


def _begin(rule: Rule | None, actor: Actor) -> PurgeRun:
    now = timezone.now()
    return PurgeRun.objects.create(
        user_name=actor.name, cutoff=rule.cutoff if rule else None, started_at=now, seen_at=now
    )


def _delete_all(rule: Rule, run: PurgeRun, end: float) -> bool:
    """Whether nothing old was left before the time was over."""
    for first, last in _slices(rule):
        while _delete_batch(rule, run, first, last):
            if time.monotonic() > end:
                return False
    return True


def _slices(rule: Rule) -> Iterator[tuple[int, int]]:
    """The table from its beginning, bite by bite, until all of a bite has begun after the cutoff."""
    first = 0
    while True:
        with connection.cursor() as cursor:
            cursor.execute(_SLICE, [first, SLICE])
            last, started_at = cursor.fetchone()
        if last is None or started_at >= rule.cutoff:
            return
        yield first, last
        first = last


def _delete_batch(rule: Rule, run: PurgeRun, first: int, last: int) -> int:
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
            cursor.execute(_TAKE, [first, last, rule.numbers, rule.cutoff, BATCH])
            old = [_Old(*row) for row in cursor.fetchall()]
        if old:
            _delete([each.id for each in old])
            _count(run, old)
    return len(old)


def _delete(ids: Sequence[int]) -> None:
    StepRun.objects.filter(instance_id__in=ids).delete()
    chains.bridge(ids)
    changes.announce(ids)
    Instance.objects.filter(pk__in=ids).delete()


def _count(run: PurgeRun, old: Sequence[_Old]) -> None:
    """In the transaction of the deletion: what is counted is gone, what is gone is counted."""
    counted = Counter(run.counts) + Counter(InstanceStatus(each.status).name for each in old)
    ends = [each.modified_at for each in old]
    run.counts = dict(counted)
    run.oldest = min([*ends, *filter(None, [run.oldest])])
    run.newest = max([*ends, *filter(None, [run.newest])])
    run.seen_at = timezone.now()
    run.save(update_fields=["counts", "oldest", "newest", "seen_at"])


def _end(run: PurgeRun, now: datetime) -> None:
    """End it and write its audit entry, once; runs that have nothing more to say are forgotten."""
    with transaction.atomic():
        if not PurgeRun.objects.filter(pk=run.pk, ended_at__isnull=True).update(
            ended_at=now, is_complete=run.is_complete
        ):
            return
        if run.counts:
            _audit(run)
        said = PurgeRun.objects.filter(user_name=run.user_name, ended_at__isnull=False)
        said.filter(pk__lt=run.pk).delete()
    run.ended_at = now


def _audit(run: PurgeRun) -> None:
    state = {
        "Count": sum(run.counts.values()),
        "Statuses": run.counts,
        "Oldest": run.oldest and run.oldest.isoformat(),
        "Newest": run.newest and run.newest.isoformat(),
        "EndedBefore": run.cutoff and run.cutoff.isoformat(),
        "AgeDays": run.cutoff and (run.started_at - run.cutoff).days,
    }
    audit.record(
        Operation.Deleted,
        Category.WorkflowInstance,
        actor=Actor(None, run.user_name),
        name="Purge of finished workflows",
        identifier=IDENTIFIER,
        before=state,
    )
