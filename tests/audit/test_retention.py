"""Audit entries leave by their retention alone, and never without an entry that names them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.utils import timezone
from pytest_django import Settings

from workflows import audit
from workflows.access.actors import TIMER_SERVICE
from workflows.actions import aging
from workflows.audit import retention
from workflows.audit.macs import is_genuine, mac_of
from workflows.models import AuditEntry
from workflows.vocabulary.auditing import Category, Operation

pytestmark = pytest.mark.django_db
BEFORE = timedelta(days=365)


def write(count: int, days_ago: int) -> list[AuditEntry]:
    """Entries of that day, as they would have been written then."""
    then = timezone.now() - timedelta(days=days_ago)
    found = []
    for number in range(count):
        entry = AuditEntry(
            timestamp=then,
            user_name="COUNTERSIGN\\somebody",
            operation=Operation.Created,
            category=Category.Template,
            level=0,
            entity_type="Template",
            audit_identifier=f"number {number}",
            immutable_identifier=str(number),
        )
        entry.mac = mac_of(entry)
        entry.save(force_insert=True)
        found.append(entry)
    return found


def remove(limit: int = 100) -> int:
    return retention.remove_older(timezone.now() - BEFORE, actor=TIMER_SERVICE, limit=limit)


def refused(statement: str, values: list[Any]) -> bool:
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement, values)
    except DatabaseError as error:
        return "never changed or deleted" in str(error)
    return False


def test_what_is_older_goes_and_one_entry_names_it() -> None:
    old, young = write(5, 400), write(2, 300)
    assert retention.count_older(timezone.now() - BEFORE) == 5
    assert remove() == 5
    *kept, tombstone = AuditEntry.objects.order_by("pk")
    assert kept == young
    assert (tombstone.operation, tombstone.category) == (Operation.Deleted, Category.AuditLog)
    assert tombstone.after is not None
    assert tombstone.after["Count"] == 5
    assert (tombstone.after["FirstId"], tombstone.after["LastId"]) == (old[0].pk, old[-1].pk)
    assert tombstone.after["LastMac"] == mac_of(old[-1]).hex()
    assert is_genuine(tombstone)
    assert remove() == 0
    assert AuditEntry.objects.count() == 3


def test_each_batch_leaves_its_own_and_nothing_young_goes_behind_something_old() -> None:
    write(5, 400)
    write(1, 10)
    write(2, 400)
    assert [remove(2), remove(2), remove(2), remove(2)] == [2, 2, 1, 0]
    assert AuditEntry.objects.filter(category=Category.Template).count() == 3
    counts = [entry.after["Count"] for entry in AuditEntry.objects.filter(category=Category.AuditLog)]  # type: ignore[index]
    assert sorted(counts) == [1, 2, 2]


def test_the_database_refuses_every_other_way() -> None:
    old = write(3, 400)
    table = "workflows_auditentry"
    assert refused(f"DELETE FROM {table} WHERE id = %s", [old[0].pk])
    assert refused(f"DELETE FROM {table}", [])
    assert refused("SELECT workflows_forget_audit(%s)", [old[-1].pk])
    assert refused(f"UPDATE {table} SET user_name = 'x' WHERE id = %s", [old[0].pk])
    assert AuditEntry.objects.count() == 3
    assert not refused(f"DELETE FROM {table} WHERE id < 0", [])


@pytest.mark.parametrize("lie", [{"Count": 2}, {"LastId": 0}, {"Before": "2001-01-01T00:00:00+00:00"}])
def test_an_entry_that_does_not_fit_does_not_help(lie: dict[str, Any]) -> None:
    old = write(3, 400)
    truth = {"Count": 3, "LastId": old[-1].pk, "Before": timezone.now().isoformat()}
    audit.record(
        Operation.Deleted,
        Category.AuditLog,
        actor=TIMER_SERVICE,
        name="x",
        identifier=retention.IDENTIFIER,
        after=truth | lie,
    )
    assert refused("SELECT workflows_forget_audit(%s)", [old[-1].pk])
    assert refused("DELETE FROM workflows_auditentry WHERE id <= %s", [old[-1].pk])


def test_the_application_setting_decides(settings: Settings) -> None:
    write(3, 400)
    settings.AUDIT_RETENTION_DAYS = None
    assert aging.forget_audit(timezone.now(), actor=TIMER_SERVICE) == 0
    settings.AUDIT_RETENTION_DAYS = 399
    aging.run_due(timezone.now())
    assert [entry.category for entry in AuditEntry.objects.all()] == [Category.AuditLog]
