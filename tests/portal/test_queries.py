"""No page asks the database more often because there are more rows."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from copy import copy

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import get_resolver, reverse
from django.utils import timezone
from pytest_django import Settings

from tests import builders
from tests import world as scenery
from tests.architecture.test_portal_access import patterns
from tests.portal.conftest import Visitors
from tests.world import World
from workflows.models import (
    ApiToken,
    AuditEntry,
    Certificate,
    CertificateAuthority,
    CertificateTemplate,
    Instance,
    InstanceRecord,
    MetadataField,
    SavedSearch,
    Script,
    SignalDecision,
    StepRun,
    Subscription,
)
from workflows.vocabulary.permissions import Permission
from workflows.vocabulary.statuses import InstanceStatus

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
    others = Instance.objects.filter(record__restarted_from=waiting).values("pk")
    Instance.objects.filter(pk__in=others[: ROWS // 2]).update(status=InstanceStatus.Failed)
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


QUERIES = {
    "instances": ["", "?sort=Title", '?query=Status -eq "Suspended"'],
    "my_workflows": ["", "?tab=created", "?tab=assigned"],
    "role": ["", "?member=person"],
    "role_members_suggest": ["?users=person"],
    "search": ["?q=appsrvr", "?q=person"],
    "step_new": ["?type=RequireApproval&place=continue:StartNOOP"],
    "step_edit": ["?name=RequireApproval1"],
    "instances_purge": ["", "?days=1&statuses=Complete"],
    "instances_selected": ["?operation=stop&instance={guid}", "?operation=restart&{failed}"],
}
KINDS = {"definition": "definition", "step": "definition", "subscription": "subscription"}


@pytest.fixture
def samples(crowded: Instance, world: World) -> dict[str, object]:
    """For each argument of an address something that exists and has many relatives."""
    chief, definition = builders.user("chief"), crowded.version.definition
    people = [chief, *(builders.user(f"person{number}") for number in range(ROWS))]
    roles = [builders.role(f"Role {number}", *people, permissions=[Permission.ALL]) for number in range(ROWS)]
    for number in range(ROWS):
        ApiToken.objects.create(
            user=chief, name=f"Token {number}", prefix=f"{number:04}", digest=b"%d" % number
        )
        MetadataField.objects.create(name=f"Field{number}")
        Script.objects.create(name=f"Script {number}", contents="'hi'", categories=[6])
        steps = definition.latest.steps
        definition.versions.create(number=number + 2, display_name=f"Draft {number}", steps=steps)
        SavedSearch.objects.create(user=chief, name=f"Search {number}")
        Subscription.objects.create(name=f"Hook {number}", url="https://a.example", secret=b"", changes=[1])
    return {
        "guid": crowded.guid,
        "reference_id": crowded.pk,
        "definition": definition.guid,
        "user_id": chief.pk,
        "role_id": roles[0].pk,
        "template_id": CertificateTemplate.objects.earliest("pk").pk,
        "authority_id": CertificateAuthority.objects.latest("pk").pk,
        "field_id": MetadataField.objects.latest("pk").pk,
        "script_id": Script.objects.latest("pk").pk,
        "entry_id": AuditEntry.objects.latest("pk").pk,
        "token_id": ApiToken.objects.latest("pk").pk,
        "certificate_id": Certificate.objects.earliest("pk").pk,
        "search_id": SavedSearch.objects.latest("pk").pk,
        "subscription": Subscription.objects.latest("pk").guid,
        "number": 1,
        "file_format": "pem",
        "name": "statuses",
        "failed": "&".join(f"instance={each.guid}" for each in Instance.objects.filter(status=3)),
    }


def addresses(samples: dict[str, object]) -> Iterator[str]:
    """One or more of each page that the portal has; an argument that nobody thought of is a KeyError."""
    for pattern in patterns(get_resolver("portal.urls")):
        name, arguments = str(pattern.name), {}
        for argument in pattern.pattern.converters:
            kind = KINDS.get(name.partition("_")[0], argument) if argument == "guid" else argument
            arguments[argument] = samples[kind]
        for query in QUERIES.get(name, [""]):
            yield reverse(f"portal:{name}", kwargs=arguments) + query.format(**samples)


def costly(client: Client, samples: dict[str, object]) -> tuple[dict[str, object], set[str]]:
    """The pages that ask too often or break, and those that were refused or not found."""
    found: dict[str, object] = {}
    unseen = set()
    for address in addresses(samples):
        with CaptureQueriesContext(connection) as queries:
            answer = client.get(address)
            if answer.streaming:
                list(answer.streaming_content)
        if len(queries) > MOST or answer.status_code >= 500:
            found[address] = (answer.status_code, [query["sql"][:150] for query in queries])
        if answer.status_code in (403, 404):
            unseen.add(address)
    return found, unseen


@pytest.mark.parametrize("person", ["approver", "requester"])
def test_no_page_asks_more_often(visit: Visitors, samples: dict[str, object], person: str) -> None:
    found, _ = costly(visit(person), samples)
    assert found == {}


def test_no_page_asks_the_chief_more_often_who_sees_nearly_every_one(
    visit: Visitors, samples: dict[str, object], settings: Settings
) -> None:
    """Else the queries of refusals would be counted."""
    settings.SECOND_FACTOR = True
    found, unseen = costly(visit("chief"), samples)
    assert found == {}
    assert unseen == {f"/enroll/{samples['guid']}", "/login/sso", "/login/sso/callback"}
