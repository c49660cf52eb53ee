"""/Workflow/Instances/Purge: counted first, then deleted, by the settings or by other bounds."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
from django.utils import timezone

from tests import builders
from tests.api.clients import ApiClient
from workflows.actions import purge_now, purging
from workflows.models import AuditEntry, Instance
from workflows.vocabulary.auditing import Operation
from workflows.vocabulary.statuses import InstanceStatus

PATH = "Workflow/Instances/Purge"
MANAGE = "/workflows/instances/manage/"


@pytest.fixture
def ended(caller: Callable[..., ApiClient]) -> list[Instance]:
    """Complete for 1 and for 100 days, Failed for 100, and one that still runs since then."""
    version = builders.publish(builders.noops(3))
    made = [builders.run(version) for _ in range(3)] + [builders.start(version)]
    old = timezone.now() - timedelta(days=100)
    Instance.objects.update(started_at=old)
    Instance.objects.exclude(pk=made[0].pk).update(modified_at=old)
    Instance.objects.filter(pk=made[2].pk).update(status=InstanceStatus.Failed)
    return made


def told(client: ApiClient, verb: str, **bounds: Any) -> dict[str, Any]:
    query = "&".join(f"{name}={value}" for name, value in bounds.items())
    answer = client.get(f"{PATH}?{query}") if verb == "GET" else client.post(PATH, bounds)
    assert answer.status_code == 200, answer.content
    found: dict[str, Any] = answer.json()
    return found


def test_what_is_counted_is_what_goes(caller: Callable[..., ApiClient], ended: list[Instance]) -> None:
    manager = caller(MANAGE)
    counted = told(manager, "GET", Days=30)
    assert (counted["Count"], counted["IsComplete"]) == (2, None)
    assert {each["Status"]: each["Count"] for each in counted["Statuses"]} == {"Complete": 1, "Failed": 1}
    assert Instance.objects.count() == 4
    assert told(manager, "GET", days=30, statuses="failed")["Count"] == 1
    assert told(manager, "GET", Days=30, Statuses="3, complete")["Count"] == 2
    gone = told(manager, "POST", Days=30, Statuses="Failed")
    assert (gone["Count"], gone["IsComplete"]) == (1, True)
    assert set(Instance.objects.all()) == {ended[0], ended[1], ended[3]}
    assert AuditEntry.objects.get(operation=Operation.Deleted).before["Count"] == 1


def test_counting_takes_no_longer_than_a_call_may(
    admin: ApiClient, ended: list[Instance], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert told(admin, "GET", Days=1)["IsExact"] is True
    monkeypatch.setattr(purging, "SLICE", 1)
    monkeypatch.setattr(purge_now, "LONGEST", -1.0)
    counted = told(admin, "GET", Days=1)
    assert (counted["Count"] < 3, counted["IsExact"]) == (True, False)


def test_without_bounds_the_settings_hold(admin: ApiClient, ended: list[Instance]) -> None:
    assert admin.put("AppSetting/PurgeAgeDays/Set", {"Value": "50"}).status_code == 200
    assert told(admin, "GET")["Count"] == 2
    assert told(admin, "POST")["Count"] == 2
    assert Instance.objects.count() == 2


@pytest.mark.parametrize(
    ("bounds", "words"),
    [
        ({}, "No instance is ever old"),
        ({"Days": 0}, "Days"),
        ({"Days": "x"}, "Days"),
        ({"Days": 1, "Statuses": "Running"}, "Statuses must be one or more of Failed, "),
        ({"Days": 1, "Statuses": "Nothing"}, "Statuses must be one or more of Failed, "),
        ({"Statuses": "Running"}, "Statuses must be one or more of Failed, "),
        ([], "StartObject"),
    ],
)
def test_what_cannot_be_meant_deletes_nothing(
    caller: Callable[..., ApiClient], ended: list[Instance], bounds: Any, words: str
) -> None:
    refused = caller(MANAGE).post(PATH, bounds)
    assert (refused.status_code, words in refused.json()["Message"]) == (400, True), refused.content
    if isinstance(bounds, dict):
        same = caller(MANAGE).get(f"{PATH}?{urlencode(bounds)}")
        assert (same.status_code, same.json()["Message"]) == (400, refused.json()["Message"])
    assert Instance.objects.count() == 4


def test_only_managers(caller: Callable[..., ApiClient], ended: list[Instance]) -> None:
    reader = caller("/workflows/instances/read/")
    assert reader.get(f"{PATH}?Days=1").status_code == 403
    assert reader.post(PATH, {"Days": 1}).status_code == 403
    assert Instance.objects.count() == 4
