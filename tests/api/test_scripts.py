"""Stored scripts from creation to deletion."""

from __future__ import annotations

from typing import Any

import pytest

from tests import builders
from tests.api.clients import ApiClient
from workflows.models import AuditEntry, Definition, Script
from workflows.vocabulary.auditing import Category, Operation

SCRIPT = {"Name": "Find owner", "Contents": "param($cn)\n@{ Owner = 'ann' }", "Categories": [6, 2, 6]}


def test_a_script_from_beginning_to_end(admin: ApiClient, stranger: ApiClient) -> None:
    made = admin.post("Extensions/Scripts", SCRIPT).json()
    assert made == SCRIPT | {"Id": made["Id"], "Categories": [2, 6]}
    path = f"Extensions/Scripts/{made['Id']}"
    listed = admin.get("Extensions/Scripts?QueryString=Name -contains owner").json()
    assert listed == [{"Id": made["Id"], "Name": "Find owner", "Categories": [2, 6]}]
    changed = admin.put("Extensions/Scripts", {"Id": made["Id"], "Contents": "@{}", "Name": "Other"}).json()
    assert changed == made | {"Contents": "@{}"}
    assert admin.get(path).json() == changed
    assert admin.put("Extensions/Scripts", {"Id": made["Id"], "Categories": []}).json()["Categories"] == []
    assert admin.delete(path).status_code == 204
    assert admin.get(path).status_code == 404
    operations = AuditEntry.objects.filter(category=Category.Script).order_by("pk")
    assert [each.operation for each in operations] == [
        Operation.Created,
        Operation.Updated,
        Operation.Updated,
        Operation.Deleted,
    ]
    for call in (
        stranger.get("Extensions/Scripts"),
        stranger.get(path),
        stranger.post("Extensions/Scripts", SCRIPT),
        stranger.put("Extensions/Scripts", {"Id": 1}),
        stranger.delete(path),
    ):
        assert call.status_code == 403


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"Name": ""}, 400),
        ({"Name": "a\nb"}, 400),
        ({"Name": "x" * 257}, 400),
        ({"Contents": None}, 400),
        ({"Categories": [7]}, 400),
        ({"Categories": "6"}, 400),
        ({"Name": "TAKEN"}, 409),
    ],
)
def test_a_bad_script_is_refused(admin: ApiClient, fields: dict[str, Any], status: int) -> None:
    Script.objects.create(name="Taken", contents="")
    assert admin.post("Extensions/Scripts", SCRIPT | fields).status_code == status
    assert Script.objects.count() == 1


def test_a_script_in_use_stays_with_its_category(admin: ApiClient) -> None:
    made = admin.post("Extensions/Scripts", SCRIPT).json()
    step = builders.step("CustomPowerShell", "Run", ConfigurationParameters={"ScriptName": "Find owner"})
    version = builders.publish(builders.chain(step), name="The user")
    path = f"Extensions/Scripts/{made['Id']}"
    for refused in (
        admin.delete(path),
        admin.put("Extensions/Scripts", {"Id": made["Id"], "Categories": [2]}),
    ):
        assert refused.status_code == 409
        assert "'The user' uses" in refused.json()["Message"]
    assert admin.put("Extensions/Scripts", {"Id": made["Id"], "Contents": "@{}"}).status_code == 200
    Definition.objects.filter(pk=version.definition_id).update(deleted_at=version.created_at)
    assert admin.delete(path).status_code == 204


def test_what_the_installation_cannot_run_is_not_published(admin: ApiClient) -> None:
    body = {"DisplayName": "Sets", "Description": "x", "Key": "1", "WorkflowType": "Expiration"}
    made = admin.post("Workflow/Definitions", body).json()
    path = f"Workflow/Definitions/{made['Id']}"
    step = builders.step("PowerShell", "Set", ConfigurationParameters={"ScriptContent": "@{}"})
    assert admin.put(f"{path}/Steps", builders.chain(step)).status_code == 200
    refused = admin.post(f"{path}/Publish")
    assert refused.status_code == 400
    assert "SCRIPT_RUNNER" in refused.json()["Message"]
    assert admin.get(path).json()["PublishedVersion"] is None
    shown = admin.get("Workflow/Definitions/Steps/PowerShell").json()
    assert shown["DisplayName"] == "Set Variable Data (not available here)"
    assert "SCRIPT_RUNNER names no command" in shown["Obstacle"]
    assert admin.get("Workflow/Definitions/Steps/NOOPStep").json()["Obstacle"] == ""
