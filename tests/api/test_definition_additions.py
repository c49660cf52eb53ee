"""Versions, comparison, copy, export, import and checks of definitions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.utils import timezone

from tests import builders
from tests.api.clients import ApiClient
from workflows.encryption import Secret
from workflows.engine import events, parameters, registry
from workflows.engine.comparing import compare
from workflows.models import AuditEntry, Definition, DefinitionVersion, Role
from workflows.vocabulary.workflow_types import WorkflowType

READ, MODIFY = "/workflows/definitions/read/", "/workflows/definitions/modify/"
ROOT = "Workflow/Definitions"
UNKNOWN = f"{ROOT}/6b1b9f0c-8a51-4b62-9d3c-2a6e2d6b7f10"
SECRET = "whsec_c2VjcmV0LW9mLXRoaXMtdGVzdC1vbmx5LTI="
OTHER_SECRET = "whsec_" + "B" * 32


@pytest.fixture
def editor(caller: Callable[..., ApiClient]) -> ApiClient:
    return caller(READ, MODIFY)


def webhook(secret: Any) -> builders.Step:
    values = {"URL": "https://hooks.keyexample.com/$(cn)", "SigningSecret": secret}
    return builders.step("Webhook", "Tell", ConfigurationParameters=values)


def made(editor: ApiClient, *middle: builders.Step, **fields: Any) -> str:
    body = {"DisplayName": "Renewals", "Description": "Old", "WorkflowType": "Expiration", **fields}
    identifier: str = editor.post(ROOT, body).json()["Id"]
    answer = editor.put(f"{ROOT}/{identifier}/Steps", builders.chain(*middle))
    assert answer.status_code == 200, answer.content
    return f"{ROOT}/{identifier}"


def latest(path: str) -> DefinitionVersion:
    definition = Definition.objects.select_related("latest").get(guid=path.rpartition("/")[2])
    assert definition.latest is not None
    return definition.latest


def secret_of(version: DefinitionVersion) -> str:
    step = next(each for each in version.steps if each["ExtensionName"] == "Webhook")
    step_type = registry.step_type("Webhook")
    assert step_type is not None
    parameter = next(each for each in step_type.parameters if each.name == "SigningSecret")
    secret = parameters.unseal(parameter, step["ConfigurationParameters"]["SigningSecret"])
    assert isinstance(secret, Secret)
    return secret.reveal()


def test_versions_are_listed_the_latest_first(editor: ApiClient) -> None:
    path = made(editor)
    editor.post(f"{path}/Publish")
    editor.put(path, {"DisplayName": "Newer", "Description": "New"})
    second, first = editor.get(f"{path}/Versions").json()
    assert (second["Version"], second["DisplayName"], second["IsPublished"]) == (2, "Newer", False)
    assert (first["Version"], first["DisplayName"], first["IsPublished"]) == (1, "Renewals", True)
    assert (second["FirstPublished"], first["FirstPublished"] is None) == (None, False)


def test_two_versions_are_compared_by_their_meaning(editor: ApiClient) -> None:
    path = made(editor, builders.step("WriteLog", "Log", ConfigurationParameters={"Message": "a"}))
    editor.post(f"{path}/Publish")
    changed = builders.step("WriteLog", "Log", ConfigurationParameters={"Message": "b"})
    editor.put(f"{path}/Steps", builders.chain(changed)[::-1])
    editor.put(path, {"DisplayName": "Renewals", "Description": "New"})
    assert editor.get(f"{path}/Compare?from=1&to=2").json() == {
        "From": 1,
        "To": 2,
        "Changes": [{"Field": "Description", "From": "Old", "To": "New", "IsWithheld": False}],
        "Steps": [
            {
                "UniqueName": "Log",
                "DisplayName": "Log",
                "Kind": "Changed",
                "Changes": [
                    {
                        "Field": "ConfigurationParameters.Message",
                        "From": "a",
                        "To": "b",
                        "IsWithheld": False,
                    }
                ],
            }
        ],
    }
    assert editor.get(f"{path}/Compare?from=2&to=2").json()["Steps"] == []


@pytest.mark.parametrize(("query", "status"), [("from=1&to=9", 404), ("from=1", 400), ("from=x&to=1", 400)])
def test_versions_to_compare_must_be_named(editor: ApiClient, query: str, status: int) -> None:
    assert editor.get(f"{made(editor)}/Compare?{query}").status_code == status


def test_a_copy_has_steps_and_secrets_and_no_keys(editor: ApiClient) -> None:
    path = made(editor, webhook({"SecretValue": SECRET}), Key="7")
    copy = editor.post(f"{path}/Copy", {}).json()
    assert (copy["DisplayName"], copy["Key"], copy["IsPublished"]) == ("Renewals (copy)", None, False)
    original, other = latest(path), latest(f"{ROOT}/{copy['Id']}")
    assert compare(original.steps, other.steps) == []
    assert {each["Id"] for each in original.steps}.isdisjoint(each["Id"] for each in other.steps)
    assert secret_of(other) == SECRET


def test_a_copy_takes_only_free_keys(editor: ApiClient) -> None:
    path = made(editor, Key="7")
    taken = editor.post(f"{path}/Copy", {"Keys": ["7"]})
    assert (taken.status_code, taken.json()["ErrorCode"]) == (409, "0xC0050004")
    assert Definition.objects.count() == 1
    assert editor.post(f"{path}/Copy", {"DisplayName": "Other", "Keys": ["8"]}).json()["Key"] == "8"


def test_an_export_is_imported_to_an_equal_definition(editor: ApiClient) -> None:
    role = Role.objects.create(name="Approvers")
    path = made(editor, builders.approval(roles=[role], MinimumApprovals=2), Key="7")
    exported = editor.get(f"{path}/Export").json()
    assert exported["Steps"][1]["Signals"][0]["Roles"] == [{"RoleId": "", "RoleName": "Approvers"}]
    imported = editor.post(f"{ROOT}/Import", exported).json()
    assert imported["Key"] is None
    assert compare(latest(path).steps, latest(f"{ROOT}/{imported['Id']}").steps) == []
    assert editor.get(f"{ROOT}/{imported['Id']}/Export").json() == exported | {"Keys": []}


def test_no_secret_leaves_by_an_export_or_an_audit_entry(editor: ApiClient) -> None:
    exported = editor.get(f"{made(editor, webhook({'SecretValue': SECRET}))}/Export")
    assert exported.json()["Steps"][1]["ConfigurationParameters"]["SigningSecret"] is None
    told = f"{exported.content!r} {list(AuditEntry.objects.values_list('before', 'after'))}"
    assert SECRET not in told
    assert "$sealed" not in told


def test_the_audit_entry_of_a_copy_or_an_import_tells_its_steps(editor: ApiClient) -> None:
    path = made(editor, webhook({"SecretValue": SECRET}))
    copy = editor.post(f"{path}/Copy", {}).json()["Id"]
    imported = editor.post(f"{ROOT}/Import", editor.get(f"{path}/Export").json()).json()["Id"]
    for identifier in (copy, imported):
        entry = AuditEntry.objects.get(immutable_identifier=identifier)
        assert entry.after is not None
        assert [step["UniqueName"] for step in entry.after["Steps"]] == ["StartNOOP", "Tell", "EndNOOP"]
        assert entry.after["Steps"][1]["ConfigurationParameters"]["SigningSecret"] is None


def test_a_changed_secret_is_told_of_a_refused_save_and_not_shown(editor: ApiClient) -> None:
    path = made(editor, webhook({"SecretValue": SECRET}))
    tag = editor.get(path)["ETag"]
    editor.put(f"{path}/Steps", builders.chain(webhook({"SecretValue": OTHER_SECRET})))
    told = editor.put(f"{path}/Steps", builders.chain(), if_match=tag)
    (step,) = told.json()["Steps"]
    field = "ConfigurationParameters.SigningSecret"
    assert step["Changes"] == [{"Field": field, "From": None, "To": None, "IsWithheld": True}]
    assert "$sealed" not in told.content.decode()


@pytest.mark.parametrize("version", ["1", "2"])
def test_what_get_answers_is_imported(editor: ApiClient, version: str) -> None:
    role = Role.objects.create(name="Approvers")
    path = made(editor, builders.approval(roles=[role]))
    read = editor.get(path, x_keyfactor_api_version=version).json()
    imported = editor.post(f"{ROOT}/Import", read, x_keyfactor_api_version=version).json()
    assert compare(latest(path).steps, latest(f"{ROOT}/{imported['Id']}").steps) == []


def test_roles_that_a_file_names_by_ids_alone_are_told(editor: ApiClient) -> None:
    role = builders.role("Approvers", builders.user("ada"))
    path = made(editor, builders.approval("Ask", roles=[role]))
    by_id = editor.get(path, x_keyfactor_api_version="1").json()
    (warning,) = editor.post(f"{ROOT}/Import", by_id).json()["Warnings"]
    assert warning.startswith("Step 'Ask' names roles by ids, which differ from system to system")
    assert f"here they are {role.pk} Approvers." in warning
    by_name = editor.get(path, x_keyfactor_api_version="2").json()
    assert editor.post(f"{ROOT}/Import", by_name).json()["Warnings"] == []


def test_what_a_file_lacks_is_told_and_given_later(editor: ApiClient) -> None:
    role = builders.role("Approvers", builders.user("ada"))
    path = made(editor, builders.approval("Ask", roles=[role]), webhook({"SecretValue": SECRET}))
    read = editor.get(f"{path}?exportable=true").json()
    imported = editor.post(f"{ROOT}/Import", read).json()
    asks, tells = imported["Problems"]
    assert "Step 'Ask' needs a signal with at least one role (RoleIds or RoleTokens)" in asks
    assert tells == "Step 'Tell' needs the parameter SigningSecret."
    other = f"{ROOT}/{imported['Id']}"
    refused = editor.post(f"{other}/Publish")
    assert (refused.status_code, refused.json()["Problems"]) == (400, imported["Problems"])
    asked = builders.approval("Ask", roles=[role])
    assert editor.put(f"{other}/Steps", builders.chain(asked, webhook(None))).status_code == 200
    assert editor.post(f"{other}/Publish").json()["Problems"] == imported["Problems"][1:]
    again = builders.chain(asked, webhook({"SecretValue": SECRET}))
    assert editor.put(f"{other}/Steps", again).status_code == 200
    assert editor.post(f"{other}/Publish").json()["PublishedVersion"] == 1


def test_an_import_tells_everything_unknown_at_once_and_changes_nothing(editor: ApiClient) -> None:
    asked = builders.step("RequireApproval", "Ask")
    asked["Signals"] = [{"SignalName": "ApprovalStatus", "Roles": [{"RoleName": "Nobody"}]}]
    other = builders.step("RequireApproval", "Again")
    other["Signals"] = [{"SignalName": "ApprovalStatus", "RoleIds": [4711]}]
    steps = builders.chain(asked, other, builders.step("NoSuchStep", "Third"))
    body = {"DisplayName": "A", "WorkflowType": "Expiration", "Steps": steps}
    answer = editor.post(f"{ROOT}/Import", body)
    assert answer.status_code == 400
    for words in ("role 'Nobody'", "role 4711", "NoSuchStep"):
        assert any(words in problem for problem in answer.json()["Problems"]), words
    assert not Definition.objects.exists()
    assert not AuditEntry.objects.exists()


def test_an_import_keeps_the_keys_only_when_asked_and_free(editor: ApiClient) -> None:
    exported = editor.get(f"{made(editor, Key='7')}/Export").json()
    assert editor.post(f"{ROOT}/Import?keepKeys=true", exported).status_code == 409
    assert Definition.objects.count() == 1
    exported["Keys"] = [{"DisplayName": "8", "Value": "8"}]
    assert editor.post(f"{ROOT}/Import?keepKeys=true", exported).json()["Key"] == "8"


def test_steps_are_checked_without_being_stored(editor: ApiClient) -> None:
    mail = {"Subject": "$(nonsense)", "Message": "x", "Recipients": ["a@keyexample.com"]}
    asked = builders.approval("Ask", roles=[Role.objects.create(name="Nobody")])
    steps = builders.chain(asked, builders.step("Email", "Tell", ConfigurationParameters=mail))
    found = editor.post(f"{ROOT}/Validate", {"WorkflowType": "Expiration", "Steps": steps}).json()
    assert "have 0 member(s)" in found["Errors"][0]
    assert "uses $(nonsense)" in found["Warnings"][0]
    assert not Definition.objects.exists()


def test_a_check_knows_the_secrets_of_the_definition_that_it_names(editor: ApiClient) -> None:
    path = made(editor, webhook({"SecretValue": SECRET}))
    body = {"WorkflowType": "Expiration", "Steps": builders.chain(webhook(None))}
    assert "SigningSecret" in editor.post(f"{ROOT}/Validate", body).json()["Errors"][0]
    body["Id"] = path.rpartition("/")[2]
    assert editor.post(f"{ROOT}/Validate", body).json() == {"Errors": [], "Warnings": []}


def test_a_check_takes_types_as_a_creation_does(editor: ApiClient) -> None:
    enroll = builders.chain(builders.step("EnrollStep", "Issue"))
    body = {"WorkflowType": "enrollment", "Steps": enroll}
    assert editor.post(f"{ROOT}/Validate", body).json()["Errors"] == []
    refused = editor.post(f"{ROOT}/Validate", {**body, "WorkflowType": "Enrolment"})
    assert refused.status_code == 400
    assert "use one of CertificateEnteredCollection" in refused.json()["Message"]


@pytest.mark.parametrize("path", ["Import", "Validate"])
@pytest.mark.parametrize(("count", "words"), [(201, "at most 200 steps"), (10_000, "The body is larger")])
def test_too_many_steps_are_refused_early(editor: ApiClient, path: str, count: int, words: str) -> None:
    steps = [builders.step("NOOPStep", f"S{number}") for number in range(count)]
    body = {"DisplayName": "A", "WorkflowType": "Expiration", "Steps": steps}
    answer = editor.post(f"{ROOT}/{path}", body)
    assert words in answer.content.decode()
    assert not Definition.objects.exists()


@pytest.mark.parametrize(
    ("verb", "path"),
    [
        ("GET", f"{UNKNOWN}/Versions"),
        ("GET", f"{UNKNOWN}/Compare?from=1&to=2"),
        ("GET", f"{UNKNOWN}/Export"),
        ("POST", f"{UNKNOWN}/Copy"),
    ],
)
def test_an_unknown_definition_is_not_found(editor: ApiClient, verb: str, path: str) -> None:
    assert editor.call(verb, path, {} if verb == "POST" else None).status_code == 404


@pytest.mark.parametrize("path", [f"{UNKNOWN}/Copy", f"{ROOT}/Import"])
def test_a_reader_makes_no_definition(caller: Callable[..., ApiClient], path: str) -> None:
    assert caller(READ).post(path, {}).status_code == 403


def test_null_keeps_a_secret_and_an_absent_parameter_is_cleared(editor: ApiClient) -> None:
    def call(**values: Any) -> list[builders.Step]:
        basic = {"URL": "https://a.keyexample.com/", "UseBasicAuth": False, **values}
        return builders.chain(builders.step("RESTRequest", "Call", ConfigurationParameters=basic))

    path = made(editor, *call(BasicPassword={"SecretValue": SECRET}, DataBucketProperty="Answer")[1:2])
    stored = latest(path).steps[1]["ConfigurationParameters"]
    editor.put(f"{path}/Steps", call(BasicPassword=None))
    kept = latest(path).steps[1]["ConfigurationParameters"]
    assert kept["BasicPassword"] == stored["BasicPassword"]
    assert "DataBucketProperty" not in kept
    editor.put(f"{path}/Steps", call())
    assert "BasicPassword" not in latest(path).steps[1]["ConfigurationParameters"]


def test_whichever_makes_a_definition_active_asks_when_events_wait(editor: ApiClient) -> None:
    path = made(editor, Key="7")
    event = {"key": "7", "occurrence": "1", "data": {"CertificateId": 1}, "now": timezone.now()}
    events.publish(WorkflowType.Expiration, **event)
    asked = editor.post(f"{path}/Publish")
    assert asked.status_code == 409
    assert "RUN 1" in asked.json()["Message"]
    assert latest(path).frozen_at is None
    assert editor.post(f"{path}/Publish?force=true").json()["PublishedVersion"] == 1
    assert editor.put(f"{path}/Status", False).status_code == 204
    assert editor.put(f"{path}/Status", True).status_code == 409
    assert editor.put(f"{path}/Status?force=true", True).status_code == 204


def test_a_secret_address_is_looked_at_while_it_is_at_hand(editor: ApiClient) -> None:
    values = {
        "URL": "https://a.example/",
        "client_id": "x",
        "client_secret": {"SecretValue": "x"},
        "TokenEndpoint": {"SecretValue": "https://192.168.7.9/token"},
    }
    steps = builders.chain(builders.step("OAuthRESTRequest", "Ask", ConfigurationParameters=values))
    checked = editor.post(f"{ROOT}/Validate", {"WorkflowType": "Expiration", "Steps": steps}).json()
    saved = editor.put(f"{made(editor)}/Steps", steps).json()
    for told in (checked["Warnings"], saved["Warnings"]):
        (warning,) = told
        assert "'Ask' has a TokenEndpoint that the outbound settings do not allow" in warning
        assert "192.168" not in warning
