"""/Workflow/Definitions: from creation to deletion, in both versions of the API."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.utils import timezone

from tests import builders
from tests.api.clients import ApiClient
from workflows.models import CertificateTemplate, Definition, DefinitionVersion, Role
from workflows.vocabulary.workflow_types import WorkflowType

READ, MODIFY = "/workflows/definitions/read/", "/workflows/definitions/modify/"
UNKNOWN = "Workflow/Definitions/6b1b9f0c-8a51-4b62-9d3c-2a6e2d6b7f10"
STEPS = builders.chain()


@pytest.fixture
def editor(caller: Callable[..., ApiClient]) -> ApiClient:
    return caller(READ, MODIFY)


@pytest.fixture
def template(world: object) -> CertificateTemplate:
    return CertificateTemplate.objects.get(common_name="WebServer")


def created(editor: ApiClient, **fields: Any) -> dict[str, Any]:
    body = {"DisplayName": "Renewals", "Description": "What expires.", "WorkflowType": "Expiration", **fields}
    answer = editor.post("Workflow/Definitions", body)
    assert answer.status_code == 200, answer.content
    return answer.json()


def path(definition: dict[str, Any], *parts: str) -> str:
    return "/".join(("Workflow/Definitions", definition["Id"], *parts))


def test_a_new_definition_is_an_enabled_draft_without_steps(editor: ApiClient) -> None:
    assert created(editor) | {"Id": ""} == {
        "Id": "",
        "DisplayName": "Renewals",
        "Description": "What expires.",
        "Key": None,
        "KeyDisplayName": None,
        "WorkflowType": "Expiration",
        "DraftVersion": 1,
        "PublishedVersion": None,
        "Enabled": True,
        "IsPublished": False,
        "Steps": [],
    }


def test_version_1_binds_one_key_and_names_it(editor: ApiClient, template: CertificateTemplate) -> None:
    definition = created(editor, WorkflowType="Enrollment", Key=str(template.pk))
    assert (definition["Key"], definition["KeyDisplayName"]) == (str(template.pk), template.display_name)


def test_version_2_binds_several_keys(editor: ApiClient) -> None:
    body = {"displayName": "Two", "description": "Both", "workflowType": "expiration", "keys": ["1", "2"]}
    answer = editor.post("Workflow/Definitions", body, x_keyfactor_api_version="2.0")
    keys = [{"DisplayName": "1", "Value": "1"}, {"DisplayName": "2", "Value": "2"}]
    assert answer.json()["Keys"] == keys
    assert "Key" not in answer.json()
    changed = editor.put(
        path(answer.json()),
        {"DisplayName": "One", "Description": "Now", "Keys": ["3"]},
        x_keyfactor_api_version="2",
    )
    assert changed.json()["Keys"] == [{"DisplayName": "3", "Value": "3"}]


@pytest.mark.parametrize("missing", ["DisplayName", "Description", "WorkflowType", "Keys"])
def test_version_2_insists_on_its_fields(editor: ApiClient, missing: str) -> None:
    body = {"DisplayName": "A", "Description": "B", "WorkflowType": "Expiration", "Keys": []}
    del body[missing]
    answer = editor.post("Workflow/Definitions", body, x_keyfactor_api_version="2")
    assert answer.status_code == 400
    assert missing in answer.json()["Message"]
    assert not Definition.objects.exists()


def test_a_second_definition_for_a_key_is_a_conflict(editor: ApiClient) -> None:
    created(editor, Key="7", Enabled=False)
    again = {"DisplayName": "Again", "WorkflowType": "Expiration", "Key": "7"}
    answer = editor.post("Workflow/Definitions", again)
    assert (answer.status_code, answer.json()["ErrorCode"]) == (409, "0xC0050004")
    assert Definition.objects.count() == 1


def test_steps_are_saved_read_published_and_versioned(editor: ApiClient) -> None:
    definition = created(editor)
    saved = editor.put(path(definition, "Steps"), STEPS).json()
    assert [step["UniqueName"] for step in saved["Steps"]] == ["StartNOOP", "EndNOOP"]
    assert saved["Steps"][0]["Outputs"] == {"continue": "EndNOOP"}
    published = editor.post(path(definition, "Publish")).json()
    assert (published["IsPublished"], published["PublishedVersion"]) == (True, 1)
    longer = editor.put(path(definition, "Steps"), builders.noops(3)).json()
    assert (longer["DraftVersion"], longer["PublishedVersion"]) == (2, 1)
    first = editor.get(path(definition) + "?definitionVersion=1").json()
    assert (len(first["Steps"]), len(longer["Steps"])) == (2, 3)


def test_an_earlier_version_is_published_again_and_saving_then_makes_the_next(editor: ApiClient) -> None:
    definition = created(editor)
    for count in (2, 3):
        editor.put(path(definition, "Steps"), builders.noops(count))
        editor.post(path(definition, "Publish"))
    back = editor.post(path(definition, "Publish", "1")).json()
    assert (back["DraftVersion"], back["PublishedVersion"]) == (2, 1)
    saved = editor.put(path(definition, "Steps"), builders.noops(4)).json()
    assert (saved["DraftVersion"], saved["PublishedVersion"]) == (3, 1)
    assert [len(version.steps) for version in DefinitionVersion.objects.order_by("number")] == [2, 3, 4]


def test_signals_show_role_ids_in_version_1_and_roles_in_version_2(editor: ApiClient) -> None:
    role = Role.objects.create(name="Approvers")
    definition = created(editor)
    steps = editor.put(path(definition, "Steps"), builders.chain(builders.approval(roles=[role]))).json()[
        "Steps"
    ]
    signal = {"SignalName": "ApprovalStatus", "RoleTokens": []}
    assert steps[1]["Signals"] == [signal | {"RoleIds": [role.pk]}]
    again = editor.get(path(definition), x_keyfactor_api_version="2").json()["Steps"]
    assert again[1]["Signals"] == [signal | {"Roles": [{"RoleId": str(role.pk), "RoleName": "Approvers"}]}]
    exported = editor.get(path(definition) + "?exportable=true").json()["Steps"]
    assert exported[1]["Signals"] == [signal | {"RoleIds": []}]


def test_operations_without_a_version_2_answer_as_version_1(editor: ApiClient) -> None:
    definition = created(editor)
    answer = editor.put(path(definition, "Steps"), STEPS, x_keyfactor_api_version="2").json()
    assert "Key" in answer
    assert "Keys" not in answer


def test_if_match_protects_against_a_lost_update(editor: ApiClient) -> None:
    definition = created(editor)
    tag = editor.get(path(definition))["ETag"]
    first = editor.put(path(definition, "Steps"), STEPS, if_match=tag)
    assert first.status_code == 200
    late = editor.put(path(definition, "Steps"), builders.noops(3), if_match=tag)
    assert (late.status_code, late.json()["ErrorCode"]) == (409, "0xC0050006")
    assert editor.put(path(definition, "Status"), False, if_match=tag).status_code == 409
    assert editor.delete(path(definition), if_match=tag).status_code == 409
    assert editor.put(path(definition, "Steps"), STEPS, if_match=first["ETag"]).status_code == 200


def test_a_refused_save_says_who_changed_what_meanwhile(caller: Callable[..., ApiClient]) -> None:
    first, second = caller(READ, MODIFY), caller(READ, MODIFY)
    definition = created(first)
    first.put(path(definition, "Steps"), STEPS)
    tag = second.get(path(definition))["ETag"]
    first.put(path(definition, "Steps"), [*builders.noops(3)])
    first.put(path(definition), {"DisplayName": "Renamed", "Description": "Text"})
    late = second.put(path(definition, "Steps"), STEPS, if_match=tag)
    told = late.json()
    assert late.status_code == 409
    assert [name.endswith(first.username) for name in told["ChangedBy"]] == [True]
    assert first.username in told["Message"]
    assert told["ChangedOn"] <= timezone.now().isoformat()
    assert told["ETag"] == second.get(path(definition))["ETag"]
    assert [each["Field"] for each in told["Changes"]] == ["Description", "DisplayName"]
    assert {each["UniqueName"]: each["Kind"] for each in told["Steps"]}["NOOP0"] == "Added"
    again = second.put(path(definition, "Steps"), STEPS, if_match=told["ETag"])
    assert again.status_code == 200


def test_a_state_that_is_known_no_more_is_a_conflict_without_a_difference(editor: ApiClient) -> None:
    definition = created(editor)
    answer = editor.put(path(definition, "Steps"), STEPS, if_match='"99"')
    assert answer.status_code == 409
    assert answer.json().keys() == {"ErrorCode", "Message", "RequestId", "ETag"}


def test_every_problem_of_the_steps_is_told(editor: ApiClient) -> None:
    definition = created(editor)
    steps = [builders.step("NoSuchStep", "A", to="B"), builders.step("NOOPStep", "C", to=None)]
    answer = editor.put(path(definition, "Steps"), steps)
    assert answer.status_code == 400
    assert any("NoSuchStep" in problem for problem in answer.json()["Problems"])
    assert any("'B'" in problem for problem in answer.json()["Problems"])
    assert DefinitionVersion.objects.get().steps == []


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({"UniqueName": "A"}, "Expected: 'StartArray' Received: 'StartObject'"),
        ([7], "Expected: 'StartObject' Received: 'Integer'"),
        ([{"UniqueName": "A"}], "ExtensionName"),
        ([{"UniqueName": 1, "ExtensionName": "NOOPStep"}], "[0].UniqueName: Must be text."),
        ([{"UniqueName": "A", "ExtensionName": "NOOPStep", "Outputs": ["B"]}], "Outputs"),
    ],
)
def test_steps_of_the_wrong_shape_are_refused(editor: ApiClient, body: Any, words: str) -> None:
    answer = editor.put(path(created(editor), "Steps"), body)
    assert answer.status_code == 400
    assert words in answer.json()["Message"]


def test_enabling_and_disabling_take_a_bare_boolean(editor: ApiClient) -> None:
    definition = created(editor)
    assert editor.put(path(definition, "Status"), False).status_code == 204
    assert editor.get(path(definition)).json()["Enabled"] is False
    assert editor.put(path(definition, "Status"), {"Enabled": True}).status_code == 400
    assert editor.put(path(definition, "Status") + "?force=true", True).status_code == 204
    assert editor.get(path(definition)).json()["Enabled"] is True


def test_renaming_a_published_definition_makes_a_version(editor: ApiClient) -> None:
    definition = created(editor)
    editor.put(path(definition, "Steps"), STEPS)
    editor.post(path(definition, "Publish"))
    renamed = editor.put(path(definition), {"DisplayName": "Other", "Description": "Words"}).json()
    assert (renamed["DisplayName"], renamed["DraftVersion"], renamed["PublishedVersion"]) == ("Other", 2, 1)
    assert renamed["Enabled"] is True


def test_a_deleted_definition_is_gone(editor: ApiClient) -> None:
    definition = created(editor)
    assert editor.delete(path(definition)).status_code == 204
    assert editor.get(path(definition)).status_code == 404
    assert editor.get("Workflow/Definitions").json() == []


def test_a_global_definition_stays(editor: ApiClient, world: object) -> None:
    found = editor.get('Workflow/Definitions?QueryString=DisplayName -eq "Global Enrollment Workflow"').json()
    assert editor.delete(path(found[0])).status_code == 409
    assert editor.put(path(found[0], "Status"), False).status_code == 409


def test_the_list_is_searched_sorted_and_paged(editor: ApiClient) -> None:
    for name in ("beta", "Alpha", "gamma"):
        builders.publish(STEPS, name=name)
    builders.publish(STEPS, WorkflowType.Revocation, name="delta")
    created(editor, DisplayName="draft")
    page = editor.get("Workflow/Definitions?query.returnLimit=2&query.pageReturned=2")
    assert [row["DisplayName"] for row in page.json()] == ["delta", "draft"]
    assert page["x-total-count"] == "5"
    asked = "IsPublished -eq true AND WorkflowType -eq Expiration AND displayname -contains A"
    found = editor.get(f"Workflow/Definitions?QueryString={asked}&SortField=DisplayName&SortAscending=1")
    assert [row["DisplayName"] for row in found.json()] == ["gamma", "beta", "Alpha"]
    assert set(found.json()[0]) == {
        "Id", "DisplayName", "Key", "KeyDisplayName", "WorkflowType",
        "DraftVersion", "PublishedVersion", "Enabled",
    }  # fmt: skip
    assert editor.get("Workflow/Definitions?QueryString=Nonsense -eq 1").status_code == 400


def test_a_list_costs_the_same_whatever_its_length(
    editor: ApiClient, template: CertificateTemplate, django_assert_max_num_queries: Any
) -> None:
    for number in range(20):
        builders.publish(STEPS, name=f"Definition {number}", keys=[str(1000 + number)])
    builders.publish(STEPS, WorkflowType.Enrollment, keys=[str(template.pk)])
    editor.get("Workflow/Definitions")
    with django_assert_max_num_queries(8):
        rows = editor.get("Workflow/Definitions").json()
    assert template.display_name in [row["KeyDisplayName"] for row in rows]


@pytest.mark.parametrize(
    ("verb", "address", "body", "status"),
    [
        ("GET", "Workflow/Definitions/not-a-guid", None, 400),
        ("GET", UNKNOWN, None, 404),
        ("PUT", UNKNOWN, {"DisplayName": "A", "Description": "B"}, 404),
        ("DELETE", UNKNOWN, None, 404),
        ("PUT", f"{UNKNOWN}/Steps", STEPS, 404),
        ("POST", f"{UNKNOWN}/Publish", None, 404),
        ("POST", f"{UNKNOWN}/Publish/two", None, 400),
        ("PUT", f"{UNKNOWN}/Status", True, 404),
        ("POST", "Workflow/Definitions", {"DisplayName": "A", "WorkflowType": "Nonsense"}, 400),
        ("POST", "Workflow/Definitions", {"DisplayName": "A", "WorkflowType": "Expiration", "Key": "x"}, 400),
        ("POST", "Workflow/Definitions", {"DisplayName": "A" * 256, "WorkflowType": "Expiration"}, 400),
        (
            "POST",
            "Workflow/Definitions",
            {"DisplayName": "A", "WorkflowType": "Enrollment", "Key": "9" * 5000},
            400,
        ),
        ("POST", "Workflow/Definitions", [], 400),
    ],
)
def test_bad_calls_are_told_what_to_do(
    editor: ApiClient, verb: str, address: str, body: Any, status: int
) -> None:
    answer = editor.call(verb, address, body)
    assert answer.status_code == status
    assert answer.json()["Message"]
    assert not Definition.objects.exists()


def test_an_unknown_version_is_not_found(editor: ApiClient) -> None:
    definition = created(editor)
    assert editor.get(path(definition) + "?definitionVersion=2").status_code == 404
    assert editor.post(path(definition, "Publish", "2")).status_code == 404
    assert editor.get(path(definition) + "?definitionVersion=x").status_code == 400


@pytest.mark.parametrize(
    ("verb", "address"),
    [
        ("GET", "Workflow/Definitions"),
        ("POST", "Workflow/Definitions"),
        ("GET", UNKNOWN),
        ("PUT", UNKNOWN),
        ("DELETE", UNKNOWN),
        ("PUT", f"{UNKNOWN}/Steps"),
        ("POST", f"{UNKNOWN}/Publish"),
        ("POST", f"{UNKNOWN}/Publish/1"),
        ("PUT", f"{UNKNOWN}/Status"),
        ("GET", "Workflow/Definitions/Types"),
        ("GET", "Workflow/Definitions/Steps"),
        ("GET", "Workflow/Definitions/Steps/NOOPStep"),
    ],
)
def test_strangers_are_refused(stranger: ApiClient, verb: str, address: str) -> None:
    answer = stranger.call(verb, address, {})
    assert (answer.status_code, answer.json()["ErrorCode"]) == (403, "0xA0140002")
    assert "does not have any of the required permissions: WorkflowDefinitions - " in answer.json()["Message"]


def test_a_reader_changes_nothing(caller: Callable[..., ApiClient]) -> None:
    reader = caller(READ)
    assert reader.get("Workflow/Definitions").status_code == 200
    assert reader.post("Workflow/Definitions", {"DisplayName": "A"}).status_code == 403
