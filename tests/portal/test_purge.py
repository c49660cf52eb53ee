"""Workflow → Instances → Purge: counted by the address, deleted by the form, nothing by mistake."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from portal.presenters import purges
from tests import builders
from tests.portal.conftest import Visitors
from tests.portal.test_app_settings import PAGE as SETTINGS
from tests.portal.test_app_settings import sent
from tests.world import World
from workflows.actions import app_settings, configured, purge_now, purging
from workflows.actions.app_settings import Change
from workflows.models import AuditEntry, Instance, Role
from workflows.vocabulary.permissions import Permission
from workflows.vocabulary.statuses import InstanceStatus

PAGE = "/workflow/instances/purge"
BOTH = {"days": "30", "statuses": ["Complete", "Failed"]}


@pytest.fixture
def ended(world: World) -> list[Instance]:
    """Complete for 1 and for 100 days, Failed for 100, and one that still runs since then."""
    version = builders.publish(builders.noops(3))
    made = [builders.run(version) for _ in range(3)] + [builders.start(version)]
    old = timezone.now() - timedelta(days=100)
    Instance.objects.update(started_at=old)
    Instance.objects.exclude(pk=made[0].pk).update(modified_at=old)
    Instance.objects.filter(pk=made[2].pk).update(status=InstanceStatus.Failed)
    return made


@pytest.fixture
def operator(visit: Visitors) -> Client:
    return visit("operator")


def asking(**bounds: Any) -> str:
    return f"{PAGE}?{urlencode(bounds, doseq=True)}"


def hidden(page: str) -> dict[str, list[str]]:
    """What the form that deletes would send."""
    form = page[page.index('method="post" action="/workflow/instances/purge"') :]
    found: dict[str, list[str]] = {}
    for name, value in re.findall(r'<input type="hidden" name="(days|statuses)" value="([^"]*)"', form):
        found.setdefault(name, []).append(value)
    return found


def entries() -> list[AuditEntry]:
    return list(AuditEntry.objects.filter(immutable_identifier=purging.IDENTIFIER))


def say(setting: Any, value: str) -> None:
    admin = Role.objects.get(immutable=True).members.get()
    app_settings.change([Change(setting, value, 0)], actor=builders.actor(admin))


def test_it_begins_with_what_the_settings_say(operator: Client, ended: list[Instance]) -> None:
    page = operator.get(PAGE)
    assert "Nothing is ever old: the settings name no age" in page.text
    assert "Deleted after" not in page.text
    assert page.context["form"]["days"].value() is None
    say(configured.PURGE_AGE_DAYS, "90")
    say(configured.PURGE_STATUSES, "Complete,Rejected")
    page = operator.get(PAGE)
    assert page.context["form"]["days"].value() == 90
    assert page.context["form"]["statuses"].value() == ("Complete", "Rejected")
    for words in ("90 days", "Complete, Rejected", "every 60 minutes"):
        assert words in page.text
    assert "OK, delete" not in page.text, "nothing was counted yet"


def test_what_is_counted_is_what_goes(operator: Client, ended: list[Instance]) -> None:
    page = operator.get(asking(**BOTH)).text
    assert "Delete 2 instances?" in page
    assert "Requests and certificates stay." in page
    assert Instance.objects.count() == 4
    assert hidden(page) == {"days": ["30"], "statuses": ["Complete", "Failed"]}
    answer = operator.post(PAGE, hidden(page))
    assert (answer.status_code, answer.headers["Location"]) == (302, asking(**BOTH))
    assert set(Instance.objects.all()) == {ended[0], ended[3]}
    page = operator.get(asking(**BOTH)).text
    assert "2 instances are deleted: 1 Complete, 1 Failed." in page
    assert "Nothing is that old" in page
    assert "button danger" not in page
    [entry] = entries()
    assert entry.before is not None
    assert (entry.before["Count"], entry.before["AgeDays"]) == (2, 30)


def test_the_answer_leads_to_the_audit_log(operator: Client, ended: list[Instance]) -> None:
    operator.post(PAGE, BOTH)
    found = re.search(r'<a href="([^"]*)">Purges in the audit log</a>', operator.get(PAGE).text)
    assert found is not None
    log = operator.get(found[1].replace("&amp;", "&"))
    assert [row["id"] for row in log.context["rows"]] == [entries()[0].pk]


def test_each_number_leads_to_what_it_counts(operator: Client, ended: list[Instance]) -> None:
    rows = operator.get(asking(**BOTH)).context["rows"]
    assert [(row.status, row.count) for row in rows] == [("Complete", "1"), ("Failed", "1")]
    listed = [[each.guid for each in operator.get(row.url).context["rows"]] for row in rows]
    assert listed == [[ended[1].guid], [ended[2].guid]]


def test_only_what_was_confirmed_goes(operator: Client, ended: list[Instance]) -> None:
    """The settings say more, and more has become old meanwhile."""
    say(configured.PURGE_AGE_DAYS, "1")
    page = operator.get(asking(days="30", statuses="Failed")).text
    assert "Delete 1 instance?" in page
    Instance.objects.filter(pk=ended[0].pk).update(
        status=InstanceStatus.Failed, modified_at=ended[0].modified_at - timedelta(days=90)
    )
    operator.post(PAGE, hidden(page))
    assert "2 instances are deleted: 2 Failed." in operator.get(PAGE).text
    assert set(Instance.objects.all()) == {ended[1], ended[3]}


def test_what_somebody_else_has_deleted_is_said(operator: Client, ended: list[Instance]) -> None:
    operator.post(PAGE, BOTH)
    operator.get(PAGE)
    operator.post(PAGE, BOTH)
    assert "Nothing was deleted: no such instance is that old any more." in operator.get(PAGE).text
    assert len(entries()) == 1


def test_a_rest_is_counted_again(
    operator: Client, ended: list[Instance], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(purging, "BATCH", 1)
    monkeypatch.setattr(purge_now, "LONGEST", 0)
    page = operator.post(PAGE, BOTH, follow=True).text
    assert "1 instance is deleted: 1 Complete. The time was over before all were" in page
    assert "Delete 1 instance?" in page


def test_counting_that_takes_too_long_says_so(
    operator: Client, ended: list[Instance], settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.SEARCH_TIMEOUT = 0
    monkeypatch.setattr(purging, "SLICE", 2)
    page = operator.get(asking(**BOTH)).text
    assert "Delete at least 1 instance?" in page
    assert "there may be more" in page
    operator.post(PAGE, hidden(page))
    assert Instance.objects.count() == 2


@pytest.mark.parametrize(
    ("bounds", "field", "words"),
    [
        *(
            ({**BOTH, "days": days}, "days", "It must be a whole number from 1 to 36500.")
            for days in ("0", "-1", "1.5", "many", "٣", "36501", "9" * 5_000)
        ),
        ({**BOTH, "days": " "}, "days", "Say after how many days."),
        ({"statuses": ["Complete"]}, "days", "Say after how many days."),
        ({"days": "30"}, "statuses", "Tick at least one status."),
        ({"days": "30", "statuses": ["Running"]}, "statuses", "Only finished instances can be deleted."),
        ({"days": "30", "statuses": ["Failed", "x"]}, "statuses", "Only finished instances can be deleted."),
    ],
)
def test_wrong_bounds_are_said_at_their_field(
    operator: Client, ended: list[Instance], bounds: dict[str, Any], field: str, words: str
) -> None:
    for answer in (operator.get(asking(**bounds)), operator.post(PAGE, bounds)):
        assert answer.status_code == 400
        assert answer.context["form"].errors == {field: [words]}
        assert words in answer.text
        assert "button danger" not in answer.text
    assert Instance.objects.count() == 4
    assert entries() == []


def test_a_form_without_anything_deletes_nothing(operator: Client, ended: list[Instance]) -> None:
    assert operator.post(PAGE).status_code == 400
    assert Instance.objects.count() == 4


def test_only_managers_may(visit: Visitors, ended: list[Instance]) -> None:
    for person in ("requester", "approver", "stranger"):
        assert visit(person).get(asking(**BOTH)).status_code == 403
        assert visit(person).post(PAGE, BOTH).status_code == 403
    assert Instance.objects.count() == 4


def test_a_forged_form_is_refused(operator: Client, ended: list[Instance]) -> None:
    forger = Client(enforce_csrf_checks=True)
    forger.cookies = operator.cookies
    assert forger.post(PAGE, BOTH).status_code == 403
    assert Instance.objects.count() == 4


def test_managers_are_led_there(visit: Visitors, world: World) -> None:
    link = f'href="{PAGE}"'
    builders.role("Readers", world.approver, permissions=[Permission.WORKFLOW_INSTANCES_READ])
    builders.role("Caretakers", world.operator, permissions=[Permission.APPLICATION_SETTINGS_READ])
    assert link in visit("operator").get("/workflow/instances").text
    assert link in visit("operator").get("/administration/settings").text
    assert link not in visit("approver").get("/workflow/instances").text


def test_who_only_manages_is_led_nowhere_else(visit: Visitors, world: World, ended: list[Instance]) -> None:
    """Neither to lists nor to an audit log that he may not read."""
    builders.role("Managers", world.stranger, permissions=[Permission.WORKFLOW_INSTANCES_MANAGE])
    client = visit("stranger")
    page = client.get(asking(**BOTH)).text
    assert "Delete 2 instances?" in page
    assert "/workflow/instances?" not in page
    assert "/administration/settings" not in page
    page = client.post(PAGE, hidden(page), follow=True).text
    assert "2 instances are deleted" in page
    assert "/administration/audit" not in page


def test_who_sets_an_age_is_told_what_it_will_delete(
    visit: Visitors, world: World, ended: list[Instance]
) -> None:
    kept = [Permission.APPLICATION_SETTINGS_READ, Permission.APPLICATION_SETTINGS_MODIFY]
    builders.role("Caretakers", world.operator, permissions=kept)
    client = visit("operator")
    words = "the purge deletes 2 instances within 60 minutes"
    assert words in _saved(client, {"PurgeAgeDays": "30", "PurgeStatuses": BOTH["statuses"]})
    assert "the purge deletes" not in _saved(client, {"PurgeAgeDays": "36500"})
    assert "the purge deletes" not in _saved(client, {"DocumentationUrl": "https://docs.example/"})
    assert Instance.objects.count() == 4


def test_who_looks_at_the_settings_sees_what_is_due(
    visit: Visitors, world: World, ended: list[Instance], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody need change anything for it."""
    builders.role("Caretakers", world.operator, permissions=[Permission.APPLICATION_SETTINGS_READ])
    client = visit("operator")
    assert "old enough" not in client.get(SETTINGS).text
    say(configured.PURGE_AGE_DAYS, "30")
    assert "2 instances are old enough now; they are deleted within 60 minutes." in client.get(SETTINGS).text
    monkeypatch.setattr(purges, "COUNTED", 2)
    assert "1+ instances are old enough now" in client.get(SETTINGS).text


def test_that_nothing_is_due_is_said(visit: Visitors, world: World, ended: list[Instance]) -> None:
    builders.role("Caretakers", world.operator, permissions=[Permission.APPLICATION_SETTINGS_READ])
    say(configured.PURGE_AGE_DAYS, "36500")
    assert "No instance is old enough to be deleted now." in visit("operator").get(SETTINGS).text


def _saved(client: Client, typed: dict[str, Any]) -> str:
    """The page after these were typed into it as it stands."""
    return client.post(SETTINGS, sent(client) | typed, follow=True).text
