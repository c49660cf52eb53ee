"""Random definitions go through validate, save, export, import and compare, and come back as they were."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests import builders
from tests.api.clients import ApiClient
from tests.engine.strategies import flows
from workflows.engine.comparing import compare
from workflows.models import Definition, DefinitionVersion, Role

READ, MODIFY = "/workflows/definitions/read/", "/workflows/definitions/modify/"
ROOT = "Workflow/Definitions"
OF_A_STEP = {  # workflow-definitions.md, 1.4
    "Id",
    "DisplayName",
    "UniqueName",
    "ExtensionName",
    "Enabled",
    "ConfigurationParameters",
    "Signals",
    "Conditions",
    "Outputs",
}
walking = settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@pytest.fixture
def editor(caller: Callable[..., ApiClient]) -> ApiClient:
    return caller(READ, MODIFY)


@pytest.fixture
def role() -> Role:
    return builders.role("Approvers", *(builders.user(name, email=f"{name}@keyexample.com") for name in "ab"))


def answered(answer: Any) -> Any:
    assert answer.status_code == 200, answer.content
    return answer.json()


def latest(identifier: str) -> DefinitionVersion:
    found = Definition.objects.select_related("latest").get(guid=identifier).latest
    assert found is not None
    return found


@pytest.mark.django_db
@walking
@given(st.data())
def test_a_definition_survives_export_and_import(editor: ApiClient, role: Role, data: st.DataObject) -> None:
    steps = data.draw(flows(role_ids=[role.pk]))
    checked = answered(editor.post(f"{ROOT}/Validate", {"WorkflowType": "Expiration", "Steps": steps}))
    assert checked["Errors"] == []
    made = answered(
        editor.post(ROOT, {"DisplayName": "Walk", "Description": "", "WorkflowType": "Expiration"})
    )
    path = f"{ROOT}/{made['Id']}"
    saved = answered(editor.put(f"{path}/Steps", steps))
    assert {step["UniqueName"] for step in saved["Steps"]} == {step["UniqueName"] for step in steps}
    assert all(step.keys() == OF_A_STEP for step in saved["Steps"])

    exported = json.loads(json.dumps(answered(editor.get(f"{path}/Export"))))
    again = answered(editor.post(f"{ROOT}/Import", exported))
    assert again["Problems"] == []
    assert compare(latest(made["Id"]).steps, latest(again["Id"]).steps) == []
    assert answered(editor.get(f"{ROOT}/{again['Id']}/Export")) == exported
    answered(editor.post(f"{path}/Publish"))
    answered(editor.put(f"{path}/Steps", again["Steps"]))
    assert answered(editor.get(f"{path}/Compare?from=1&to=2"))["Steps"] == []


@pytest.mark.django_db
@walking
@given(st.data(), st.sampled_from(["1", "2"]))
def test_what_get_answers_is_imported_to_an_equal_definition(
    editor: ApiClient, role: Role, data: st.DataObject, version: str
) -> None:
    made = answered(
        editor.post(ROOT, {"DisplayName": "Walk", "Description": "", "WorkflowType": "Expiration"})
    )
    answered(editor.put(f"{ROOT}/{made['Id']}/Steps", data.draw(flows(role_ids=[role.pk]))))
    shown = answered(editor.get(f"{ROOT}/{made['Id']}", x_keyfactor_api_version=version))
    imported = answered(editor.post(f"{ROOT}/Import", shown))
    assert compare(latest(made["Id"]).steps, latest(imported["Id"]).steps) == []
