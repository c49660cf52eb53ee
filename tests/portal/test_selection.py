"""Workflow → Instances: what is done with several ticked rows at once."""

from __future__ import annotations

import re
import uuid
from html import escape
from urllib.parse import urlencode

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests import builders
from tests import world as scenery
from tests.portal.conftest import Visitors
from tests.world import World
from workflows.actions import approvals
from workflows.engine import awaiting
from workflows.models import AuditEntry, DefinitionVersion, Instance, Role
from workflows.vocabulary.auditing import Operation
from workflows.vocabulary.statuses import InstanceStatus

URL = "/workflow/instances/selected"


@pytest.fixture
def waiting(world: World) -> list[Instance]:
    scenery.needs_approvals(world)
    return [scenery.enroll(world, csr=scenery.csr(f"www{n}.keyexample.com")).instance for n in range(3)]


@pytest.fixture
def done(world: World) -> Instance:
    return scenery.enroll(world).instance


def ask(client: Client, operation: str, *chosen: Instance | str, **more: str) -> HttpResponse:
    return client.get(URL, {"operation": operation, "instance": names(*chosen), **more})


def post(client: Client, operation: str, *chosen: Instance | str, **more: str) -> HttpResponse:
    return client.post(URL, {"operation": operation, "instance": names(*chosen), **more})


def names(*chosen: Instance | str) -> list[str]:
    return [each if isinstance(each, str) else str(each.guid) for each in chosen]


def statuses(*chosen: Instance) -> list[InstanceStatus]:
    return [InstanceStatus(builders.reload(each).status) for each in chosen]


def sent_along(page: str) -> list[str]:
    """The instances that the dialog's form would send."""
    return re.findall(r'<input type="hidden" name="instance" value="([^"]*)">', page)


def test_each_row_can_be_ticked_and_all_of_them_without_scripts(
    visit: Visitors, waiting: list[Instance]
) -> None:
    page = visit("operator").get("/workflow/instances").content.decode()
    assert page.count('name="instance"') == len(waiting)
    assert 'aria-label="Tick ' in page
    assert re.search(r'<noscript><a [^>]*href="\?tick=all#results"', page)
    every = visit("operator").get("/workflow/instances?tick=all").content.decode()
    assert len(re.findall(r'<input type="checkbox" name="instance"[^>]* checked', every)) == len(waiting)


def test_only_managers_are_offered_operations(visit: Visitors, world: World, waiting: list[Instance]) -> None:
    builders.role("Readers", world.stranger, permissions=["/workflows/instances/read/"])
    page = visit("stranger").get("/workflow/instances").content.decode()
    assert 'value="view"' in page
    assert 'value="stop"' not in page
    for answer in (ask(visit("stranger"), "stop", *waiting), post(visit("stranger"), "stop", *waiting)):
        assert answer.status_code == 403
    assert statuses(*waiting) == [InstanceStatus.Suspended] * 3


def test_it_names_all_and_says_which_cannot_be_done(
    visit: Visitors, done: Instance, waiting: list[Instance]
) -> None:
    page = ask(visit("operator"), "stop", *waiting, done).content.decode()
    assert "Confirm Operation" in page
    assert "Stop 3 instances?" in page
    assert "1 cannot be stopped and is left alone" in page
    assert "only running and suspended ones can be stopped" in page
    for number in range(3):
        assert f"CN=www{number}.<wbr>keyexample.com" in page
    assert sent_along(page) == names(*waiting)
    assert statuses(*waiting) == [InstanceStatus.Suspended] * 3


def test_where_nothing_can_be_done_there_is_nothing_to_confirm(visit: Visitors, done: Instance) -> None:
    page = ask(visit("operator"), "stop", done, str(uuid.uuid4())).content.decode()
    assert "2 cannot be stopped and are left alone" in page
    assert "It does not exist any more." in page
    assert not sent_along(page)
    assert "OK, stop them" not in page


BACK = urlencode({"field": "Title", "value": "www", "sort": "Title"})


def test_all_are_done_and_the_list_is_shown_as_it_was(visit: Visitors, waiting: list[Instance]) -> None:
    client = visit("operator")
    answer = post(client, "stop", *waiting, back=BACK)
    assert answer.headers["Location"] == f"/workflow/instances?{BACK}"
    assert "3 instances are stopped." in client.get(answer.headers["Location"]).content.decode()
    assert statuses(*waiting) == [InstanceStatus.Rejected] * 3


def republish(version: DefinitionVersion, approvals: int) -> None:
    """A second published version of the definition that asks for so many approvals."""
    steps = builders.chain(
        builders.approval(roles=[Role.objects.get(name="Approvers")], MinimumApprovals=approvals)
    )
    definition, other = version.definition, builders.publish(steps, name="Other")
    later = definition.versions.create(
        number=2, display_name="Second", steps=other.steps, frozen_at=other.frozen_at
    )
    definition.published = definition.latest = later
    definition.save()


@pytest.fixture
def on_two_versions(world: World) -> list[Instance]:
    """Two that began with the version of two approvals, and one with its own: now one is asked for."""
    version = scenery.needs_approvals(world, 2)
    old = [scenery.enroll(world, csr=scenery.csr(f"old{n}.keyexample.com")).instance for n in range(2)]
    approvals.approve(old[0].guid, actor=world.actor("approver"), step_name="RequireApproval1")
    republish(version, 1)
    return [*old, scenery.enroll(world, csr=scenery.csr("new.keyexample.com")).instance]


def test_what_a_restart_of_several_changes_is_said_before(
    visit: Visitors, on_two_versions: list[Instance]
) -> None:
    page = ask(visit("operator"), "restart", *on_two_versions).content.decode()
    assert "Restart 3 instances?" in page
    assert page.count("Version 2 asks for 1 approval(s), version 1 for 2.") == 1
    assert "version 1 → 2" in page
    assert "1 that was given counts no more" in page
    assert "version 2, as before" in page
    assert sent_along(page) == names(*on_two_versions)


def test_what_a_restart_of_several_has_changed_is_said_after(
    visit: Visitors, on_two_versions: list[Instance]
) -> None:
    page = post(visit("operator"), "restart", *on_two_versions, back=BACK).content.decode()
    assert "3 instances are restarted." in page
    assert page.count("Version 2 asks for 1 approval(s), version 1 for 2.") == 2
    assert f'href="/workflow/instances?{escape(BACK)}"' in page
    for old in on_two_versions:
        new = Instance.objects.get(record__restarted_from=old)
        assert f'<a href="/workflow/instances/{new.guid}">Restarted as Reference Id {new.pk}</a>' in page
    assert statuses(*on_two_versions) == [InstanceStatus.CanceledForRestart] * 3


@pytest.mark.parametrize(
    ("operation", "one", "several"),
    [
        (
            "stop",
            "The enrollment {} that one of them waits for is stopped, too.",
            "The enrollments {}, {} that some of them wait for are stopped, too.",
        ),
        (
            "restart",
            "The enrollment {} that one of them waits for goes on; the new instance begins no other one.",
            "The enrollments {}, {} that some of them wait for go on; the new instances begin no other ones.",
        ),
    ],
)
def test_it_says_what_becomes_of_the_enrollments_that_are_awaited(
    visit: Visitors, waiting: list[Instance], operation: str, one: str, several: str
) -> None:
    first, second, alone = waiting
    renewals = [builders.start(builders.publish(builders.noops(3))) for _ in range(2)]
    for renewal, awaited in zip(renewals, (first, second), strict=True):
        Instance.objects.filter(pk=renewal.pk).update(status=InstanceStatus.Suspended)
        awaiting.expect(awaited.pk, waiter_id=renewal.pk)
    client = visit("operator")
    assert one.format(first.pk) in ask(client, operation, renewals[0], alone).content.decode()
    assert several.format(first.pk, second.pk) in ask(client, operation, *renewals).content.decode()
    assert "wait for" not in ask(client, operation, alone, first).content.decode()
    assert "wait for" not in ask(client, "delete", *renewals).content.decode()


def test_delete(visit: Visitors, world: World, done: Instance) -> None:
    other = scenery.enroll(world).instance
    client = visit("operator")
    assert "Delete 2 instances?" in ask(client, "delete", done, other).content.decode()
    assert post(client, "delete", done, other).status_code == 302
    assert not Instance.objects.exists()
    assert AuditEntry.objects.filter(operation=Operation.Deleted).count() == 2


def test_what_was_refused_is_told_one_by_one(
    visit: Visitors, done: Instance, waiting: list[Instance]
) -> None:
    answer = post(visit("operator"), "restart", waiting[0], done, "not-an-id", str(uuid.uuid4()))
    page = answer.content.decode()
    assert answer.status_code == 200
    assert "1 instance is restarted." in page
    new = Instance.objects.get(record__restarted_from=waiting[0])
    assert f'href="/workflow/instances/{new.guid}"' in page
    assert "only failed, suspended and stopped ones restart" in page
    assert "is neither a GUID nor a whole number" in page
    assert "There is no workflow instance with id" in page
    assert page.count('data-tone="failed"') == 3


def test_one_that_is_ticked_alone_has_its_own_page(visit: Visitors, waiting: list[Instance]) -> None:
    guid = waiting[0].guid
    for operation in ("stop", "restart", "delete"):
        answer = ask(visit("operator"), operation, waiting[0], back=BACK)
        there = f"/workflow/instances/{guid}/{operation}?{urlencode({'back': BACK})}"
        assert answer.headers["Location"] == there
    assert ask(visit("operator"), "view", waiting[0]).headers["Location"] == f"/workflow/instances/{guid}"
    there = ask(visit("operator"), "definition", waiting[0]).headers["Location"]
    assert there == f"/workflow/instances/{guid}/definition"


@pytest.mark.parametrize(
    ("operation", "ticked", "words"),
    [
        ("stop", 0, "Tick at least one instance first."),
        ("view", 2, "Tick exactly one instance to view it."),
        ("definition", 3, "Tick exactly one instance to view it."),
    ],
)
def test_a_wrong_number_is_said_above_the_list(
    visit: Visitors, waiting: list[Instance], operation: str, ticked: int, words: str
) -> None:
    client = visit("operator")
    answer = ask(client, operation, *waiting[:ticked], back="value=www")
    assert answer.headers["Location"] == "/workflow/instances?value=www"
    assert words in client.get(answer.headers["Location"]).content.decode()


@pytest.mark.parametrize("operation", ["", "nonsense", "approve"])
def test_unknown_operations_are_refused(visit: Visitors, waiting: list[Instance], operation: str) -> None:
    assert ask(visit("operator"), operation, *waiting).status_code == 400
    assert post(visit("operator"), operation, *waiting).status_code == 400


def test_too_many_are_refused_before_anything_is_done(visit: Visitors, waiting: list[Instance]) -> None:
    many = [*names(*waiting), *(str(uuid.uuid4()) for _ in range(500))]
    assert post(visit("operator"), "stop", *many).status_code == 400
    assert statuses(*waiting) == [InstanceStatus.Suspended] * 3


@pytest.mark.parametrize("back", ["//evil.example", "https://evil.example/", "next=https://evil.example"])
def test_the_way_back_never_leads_elsewhere(visit: Visitors, waiting: list[Instance], back: str) -> None:
    assert (
        post(visit("operator"), "stop", *waiting, back=back)
        .headers["Location"]
        .startswith("/workflow/instances?")
    )


@pytest.mark.parametrize("operation", ["stop", "restart", "delete"])
def test_asking_costs_the_same_for_any_number(
    visit: Visitors, world: World, waiting: list[Instance], operation: str
) -> None:
    client = visit("operator")

    def queries(*chosen: Instance) -> int:
        with CaptureQueriesContext(connection) as found:
            assert ask(client, operation, *chosen).status_code == 200
        return len(found)

    few = queries(*waiting[:2])
    assert queries(*waiting) <= max(few, queries(*waiting[:2]))
