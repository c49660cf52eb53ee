"""No page asks the database more often because there are more rows."""

from __future__ import annotations

import uuid
from copy import copy

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tests import world as scenery
from tests.portal.conftest import Visitors
from tests.world import World
from workflows.models import (
    AuditEntry,
    Certificate,
    Instance,
    InstanceRecord,
    SignalDecision,
    StepRun,
)

MOST = 25
ROWS = 40


@pytest.fixture
def crowded(world: World) -> Instance:
    """One instance with a long history among many that wait, and many certificates."""
    issued = scenery.enroll(world).certificate
    assert issued is not None
    scenery.needs_approvals(world, 2)
    waiting = scenery.enroll(world).instance
    for _ in range(ROWS):
        _copy_instance(waiting)
    _lengthen(waiting)
    Certificate.objects.bulk_create(_copies(issued))
    AuditEntry.objects.bulk_create(_entries(waiting))
    return waiting


def _copy_instance(original: Instance) -> None:
    record, signals = original.record, list(original.pending_signals.all())
    twin = copy(original)
    twin.pk, twin.guid = None, uuid.uuid4()
    twin.save(force_insert=True)
    InstanceRecord.objects.create(
        instance=twin,
        definition_id=record.definition_id,
        started_at=record.started_at,
        title=record.title,
        initiating_user_name=record.initiating_user_name,
        workflow_type=record.workflow_type,
        restarted_from=original,
    )
    for signal in signals:
        signal.pk, signal.instance = None, twin
        signal.save(force_insert=True)


def _lengthen(instance: Instance) -> None:
    now = timezone.now()
    StepRun.objects.bulk_create(
        StepRun(
            instance=instance,
            step_name="StartNOOP",
            step_display_name="Again",
            extension="NOOPStep",
            status=3,
            changes={"Value": number},
            started_at=now,
        )
        for number in range(ROWS)
    )
    SignalDecision.objects.bulk_create(
        SignalDecision(
            instance=instance,
            step_name=f"Earlier{number}",
            signal_name="ApprovalStatus",
            user=None,
            user_name="COUNTERSIGN\\somebody",
            approved=True,
            decided_at=now,
        )
        for number in range(ROWS)
    )


def _copies(certificate: Certificate) -> list[Certificate]:
    twins = []
    for number in range(ROWS):
        twin = copy(certificate)
        twin.pk, twin.request = None, None
        twin.serial_number = twin.thumbprint = f"{number:040X}"
        twins.append(twin)
    return twins


def _entries(instance: Instance) -> list[AuditEntry]:
    return [
        AuditEntry(
            timestamp=timezone.now(),
            user_name="COUNTERSIGN\\somebody",
            operation=2,
            category=3002,
            audit_identifier=f"Entry {number}",
            immutable_identifier=str(instance.guid),
            mac=b"",
        )
        for number in range(ROWS)
    ]


PATHS = {
    "operator": (
        "/",
        "/workflow/my",
        "/workflow/instances",
        "/workflow/instances.csv",
        "/workflow/instances/{guid}",
        "/workflow/instances/{guid}/definition",
        "/workflow/instances/{guid}/stop",
        "/workflow/instances/{guid}/restart",
        "/workflow/my/{guid}",
        "/enroll/csr",
        "/certificates",
        "/certificates/{certificate}",
        "/certificates/{certificate}/revoke",
        "/search?q=appsrvr",
    ),
    "approver": ("/", "/workflow/my", "/workflow/my/{guid}"),
    "requester": ("/", "/workflow/my?tab=created", "/workflow/instances/{guid}", "/enroll/{guid}"),
}


@pytest.mark.parametrize(
    ("person", "path"), [(person, path) for person, paths in PATHS.items() for path in paths]
)
def test_a_page_asks_at_most_so_often(visit: Visitors, crowded: Instance, person: str, path: str) -> None:
    certificate = Certificate.objects.order_by("pk").first()
    assert certificate is not None
    client = visit(person)
    with CaptureQueriesContext(connection) as queries:
        answer = client.get(path.format(guid=crowded.guid, certificate=certificate.pk))
        if answer.streaming:
            list(answer.streaming_content)
    assert answer.status_code == 200
    assert len(queries) <= MOST, [query["sql"][:120] for query in queries]
