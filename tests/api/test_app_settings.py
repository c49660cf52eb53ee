"""/AppSetting: listed, changed one by one and together, reset, audited; nobody overwrites another's."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from pytest_django import Settings

from tests.api.clients import ApiClient
from workflows.actions import configured
from workflows.models import AuditEntry
from workflows.vocabulary.auditing import Category, Operation

READ, MODIFY = "/application_settings/read/", "/application_settings/modify/"


def entries() -> list[AuditEntry]:
    return list(AuditEntry.objects.filter(category=Category.ApplicationSetting).order_by("pk"))


def test_all_are_listed_with_their_defaults(admin: ApiClient, settings: Settings) -> None:
    settings.ENROLL_WAIT_SECONDS = 17
    listed = {each["ShortName"]: each for each in admin.get("AppSetting").json()}
    assert list(listed) == [each.name for each in configured.ALL]
    assert listed["EnrollWaitSeconds"] == {
        "Id": 2,
        "DisplayName": "Waiting time of enrollment",
        "ShortName": "EnrollWaitSeconds",
        "Description": configured.ENROLL_WAIT_SECONDS.help,
        "Value": "17",
        "ValueType": "Integer",
        "Group": "Enrollment",
        "Default": "17",
        "IsDefault": True,
        "Version": 0,
    }
    assert listed["PurgeAgeDays"]["Value"] == ""


def test_a_change_holds_at_once_and_a_reset_takes_it_back(admin: ApiClient, settings: Settings) -> None:
    settings.ENROLL_WAIT_SECONDS = 17
    assert configured.ENROLL_WAIT_SECONDS.value() == 17
    changed = admin.put("AppSetting/2/Set", {"Value": 5}).json()
    assert (changed["Value"], changed["IsDefault"], changed["Version"]) == ("5", False, 1)
    assert configured.ENROLL_WAIT_SECONDS.value() == 5
    assert admin.get("AppSetting/2").json() == changed == admin.get("AppSetting/enrollwaitseconds").json()
    reset = admin.put("AppSetting/EnrollWaitSeconds/Set", {"value": None}).json()
    assert (reset["Value"], reset["IsDefault"], reset["Version"]) == ("17", True, 2)
    assert configured.ENROLL_WAIT_SECONDS.value() == 17
    update, back = entries()
    assert (update.operation, back.operation) == (Operation.Updated, Operation.Reset)
    assert update.before == {"Value": "17", "IsDefault": True}
    assert update.after == back.before == {"Value": "5", "IsDefault": False}
    assert update.immutable_identifier == "EnrollWaitSeconds"


def test_the_same_value_again_is_no_change(admin: ApiClient) -> None:
    for _ in range(2):
        assert admin.put("AppSetting/3/Set", {"Value": "090"}).json()["Value"] == "90"
    assert len(entries()) == 1


def test_who_has_not_seen_the_last_change_is_refused(admin: ApiClient) -> None:
    assert admin.put("AppSetting/3/Set", {"Value": "90", "Version": 0}).status_code == 200
    late = admin.put("AppSetting/3/Set", {"Value": "30", "Version": 0})
    assert late.status_code == 409
    assert "is now '90'" in late.json()["Message"]
    assert admin.get("AppSetting/3").json()["Value"] == "90"
    assert admin.put("AppSetting/3/Set", {"Value": "30", "Version": 1}).status_code == 200


def test_several_are_changed_all_or_none(admin: ApiClient) -> None:
    bad = admin.put("AppSetting", [{"Id": 3, "Value": "90"}, {"Id": 2, "Value": "121"}])
    assert bad.status_code == 400
    assert "EnrollWaitSeconds" in bad.json()["Message"]
    assert admin.get("AppSetting/3").json()["IsDefault"]
    assert admin.put("AppSetting", [{"Id": 3, "Value": "90"}] * 2).status_code == 400
    assert admin.put("AppSetting", [{"Id": 99, "Value": "90"}]).status_code == 404
    both = admin.put("AppSetting", [{"Id": 4, "Value": "complete, failed"}, {"Id": 3, "Value": "90"}]).json()
    assert [(each["Id"], each["Value"]) for each in both] == [(3, "90"), (4, "Failed,Complete")]
    assert configured.PURGE_STATUSES.value() == ("Failed", "Complete")
    assert admin.put("AppSetting", []).json() == []


@pytest.mark.parametrize(
    ("name", "value", "hint"),
    [
        ("EnrollWaitSeconds", "-1", "from 0 to 120"),
        ("EnrollWaitSeconds", "", "from 0 to 120"),
        ("EnrollWaitSeconds", "ten", "from 0 to 120"),
        ("EnrollWaitSeconds", True, "text"),
        ("PurgeAgeDays", "0", "from 1 to 36500, or empty"),
        ("PurgeStatuses", "", "one or more of Failed"),
        ("PurgeStatuses", "Running", "one or more of Failed"),
        ("AuditRetentionDays", "29", "from 30 to 36500"),
        ("DocumentationUrl", "javascript:alert(1)", "https://"),
        ("DocumentationUrl", "https://docs example", "https://"),
        ("DocumentationUrl", "http://[", "https://"),
        ("DocumentationUrl", "https://d.example/" + "x" * 2000, "https://"),
        ("DocumentationUrl", "x" * 5000, "Value"),
    ],
)
def test_a_bad_value_is_refused_with_what_is_expected(
    admin: ApiClient, name: str, value: Any, hint: str
) -> None:
    answer = admin.put(f"AppSetting/{name}/Set", {"Value": value})
    assert answer.status_code == 400
    assert hint in answer.json()["Message"]
    assert entries() == []


def test_unknown_ones_are_not_found(admin: ApiClient) -> None:
    for name in ("0", "99", "Nothing"):
        assert admin.get(f"AppSetting/{name}").status_code == 404
        assert admin.put(f"AppSetting/{name}/Set", {"Value": "1"}).status_code == 404


def test_reading_and_changing_are_two_permissions(caller: Callable[..., ApiClient]) -> None:
    reader, changer = caller(READ), caller(MODIFY)
    assert reader.get("AppSetting").status_code == 200
    assert reader.put("AppSetting/3/Set", {"Value": "9"}).status_code == 403
    assert changer.put("AppSetting/3/Set", {"Value": "9"}).status_code == 200
    assert changer.get("AppSetting").status_code == 403
