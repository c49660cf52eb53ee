"""Administration → Audit Log."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from tests import world as scenery
from workflows import audit
from workflows.actions import approvals, instances
from workflows.models import AuditEntry
from workflows.vocabulary.auditing import Category, Operation

if TYPE_CHECKING:
    from tests.world import World

Visitors = Callable[[str], Client]
HOSTILE = '=HYPERLINK("x")<b onmouseover="x()">\u202eABC 🦄'


@pytest.fixture
def entry(world: World) -> AuditEntry:
    return audit.record(
        Operation.Updated,
        Category.SecurityRole,
        actor=world.actor("operator"),
        name=HOSTILE * 3,
        identifier=77,
        before={"members": ["A"], "name": "Old", "nested": {"same": 1, "gone": 2}},
        after={"members": ["A", "B"], "name": HOSTILE * 100, "nested": {"same": 1}},
    )


def test_an_entry_shows_what_changed_and_that_it_is_genuine(visit: Visitors, entry: AuditEntry) -> None:
    answer = visit("operator").get(reverse("portal:audit_entry", args=[entry.pk]))
    assert {change.name for change in answer.context["changes"]} == {"members", "name", "nested.gone"}
    assert "As it was written" in answer.text
    assert "<b onmouseover" not in answer.text


def test_a_restart_shows_versions_steps_and_approvals(visit: Visitors, world: World) -> None:
    """Not as the document that the entry keeps."""
    version = scenery.needs_approvals(world, 2)
    old = scenery.enroll(world).instance
    approvals.approve(old.guid, actor=world.actor("approver"), step_name="RequireApproval1")
    steps = [dict(each) for each in version.steps]
    for each in steps:
        if each["UniqueName"] == "RequireApproval1":
            each["ConfigurationParameters"] = {**each["ConfigurationParameters"], "MinimumApprovals": 1}
    definition = version.definition
    definition.published = definition.latest = definition.versions.create(
        number=2, display_name="Second", steps=steps, frozen_at=version.frozen_at
    )
    definition.save()
    new = instances.restart(old.guid, actor=world.actor("operator"))
    entries = AuditEntry.objects.filter(operation=Operation.Restarted)
    page = visit("operator").get(
        reverse("portal:audit_entry", args=[entries.get(immutable_identifier=str(new.guid)).pk])
    )
    shown = page.context["restart"]
    assert [(each.before, each.after) for each in shown.changes] == [(1, 2), (2, 1), (1, 0)]
    assert [(each.kind, each.changes[0].name) for each in shown.steps] == [("Changed", "MinimumApprovals")]
    assert shown.warnings == ["Version 2 asks for 1 approval(s), version 1 for 2."]
    assert "What the restart changed" in page.text
    assert "Difference" not in page.text
    other = entries.get(immutable_identifier=str(old.guid))
    assert visit("operator").get(reverse("portal:audit_entry", args=[other.pk])).context["restart"] is None


def test_an_entry_that_was_edited_says_so(visit: Visitors, entry: AuditEntry) -> None:
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE workflows_auditentry DISABLE TRIGGER USER")
        cursor.execute("UPDATE workflows_auditentry SET user_name = 'X' WHERE id = %s", [entry.pk])
    page = visit("operator").get(reverse("portal:audit_entry", args=[entry.pk])).text
    assert "Changed after it was written" in page


def test_entries_of_the_same_object_are_beside_it(visit: Visitors, entry: AuditEntry, world: World) -> None:
    later = audit.record(
        Operation.Deleted, Category.SecurityRole, actor=world.actor("operator"), name="X", identifier=77
    )
    page = visit("operator").get(reverse("portal:audit_entry", args=[later.pk])).text
    assert reverse("portal:audit_entry", args=[entry.pk]) in page


def test_the_log_is_filtered(visit: Visitors, entry: AuditEntry) -> None:
    client, address = visit("operator"), reverse("portal:audit_log")
    found = client.get(address, {"query": 'Category -eq "SecurityRole" AND Operation -eq "Updated"'})
    assert [row["id"] for row in found.context["rows"]] == [entry.pk]
    none = client.get(address, {"field": "User", "comparison": "-contains", "value": "nobody at all"})
    assert "Nothing matches" in none.text


def test_the_csv_has_no_formulas(visit: Visitors, entry: AuditEntry) -> None:
    answer = visit("operator").get(reverse("portal:audit_csv"))
    text = b"".join(answer.streaming_content).decode()  # type: ignore[attr-defined]
    assert "'=HYPERLINK" in text
    assert ",=HYPERLINK" not in text


def test_strangers_read_nothing(visit: Visitors, entry: AuditEntry) -> None:
    client = visit("stranger")
    assert client.get(reverse("portal:audit_entry", args=[entry.pk])).status_code == 403
    assert client.get(reverse("portal:audit_csv")).status_code == 403
