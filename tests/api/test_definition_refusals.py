"""Every refusal of workflow-definitions.md, 1.6: status, code, a text that says what to do, no change."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.utils import timezone

from tests import builders
from tests.api.clients import ApiClient
from workflows.engine import events
from workflows.models import Definition, DefinitionKey, DefinitionVersion, Script
from workflows.vocabulary.workflow_types import WorkflowType

READ, MODIFY = "/workflows/definitions/read/", "/workflows/definitions/modify/"
ROOT = "Workflow/Definitions"
V2 = {"x_keyfactor_api_version": "2"}
INVALID, TAKEN, PROTECTED, CONFIRM = "0xC0010004", "0xC0050004", "0xC0050005", "0xC0050007"


@pytest.fixture
def editor(caller: Callable[..., ApiClient]) -> ApiClient:
    return caller(READ, MODIFY)


def made(editor: ApiClient, workflow_type: str = "Expiration", **fields: Any) -> str:
    body = {"DisplayName": "A workflow", "Description": "", "WorkflowType": workflow_type, **fields}
    answer = editor.post(ROOT, body)
    assert answer.status_code == 200, answer.content
    return f"{ROOT}/{answer.json()['Id']}"


def refused(answer: Any, status: int, code: str, *words: str) -> None:
    told = answer.json()
    assert (answer.status_code, told["ErrorCode"]) == (status, code), told
    assert [word for word in words if word not in told["Message"]] == []


def stored() -> list[Any]:
    """Everything of the definitions that a refused call must leave as it was."""
    versions = DefinitionVersion.objects.order_by("pk").values_list(
        "number", "display_name", "steps", "frozen_at"
    )
    rows = Definition.objects.order_by("pk").values_list(
        "enabled", "published", "latest", "revision", "deleted_at"
    )
    return [*versions, *rows, *DefinitionKey.objects.order_by("pk").values_list("definition", "value")]


@pytest.mark.django_db
def test_a_global_definition_is_not_deleted(editor: ApiClient, world: object) -> None:
    found = Definition.objects.filter(is_global=True).first()
    assert found is not None
    before = stored()
    refused(editor.delete(f"{ROOT}/{found.guid}"), 409, PROTECTED, "cannot be deleted", "edit its steps")
    assert stored() == before


@pytest.mark.parametrize("enabled", [True, False])
def test_a_key_is_served_once_also_by_a_disabled_definition(editor: ApiClient, enabled: bool) -> None:
    made(editor, Key="7", Enabled=enabled)
    before = stored()
    second = {"DisplayName": "B", "Description": "", "WorkflowType": "Expiration", "Key": "7"}
    state = "" if enabled else ", which is disabled,"
    words = (f"'A workflow'{state} serves key 7 of Expiration already", "Give this definition another key")
    refused(editor.post(ROOT, second), 409, TAKEN, *words)
    assert stored() == before


def test_enrollment_and_revocation_of_one_template_are_two_keys(editor: ApiClient, world: Any) -> None:
    from workflows.models import CertificateTemplate

    template = str(CertificateTemplate.objects.latest("pk").pk)
    DefinitionKey.objects.filter(value=template).delete()
    made(editor, "Enrollment", Key=template)
    made(editor, "Revocation", Key=template)


APPROVAL: dict[str, Any] = {"SignalName": "ApprovalStatus", "RoleTokens": []}


def _webhook(secret: Any) -> builders.Step:
    values = {"URL": "https://a.example/", "SigningSecret": secret}
    return builders.step("Webhook", "Tell", ConfigurationParameters=values)


def _conditional(text: str) -> builders.Step:
    return builders.step("NOOPStep", "Maybe", Conditions=[{"Value": text}])


ENROLL = builders.step("EnrollStep", "Enroll")
REVOKE = builders.step("RevokeStep", "Revoke")
STEPS = [
    (
        "Enrollment",
        [ENROLL, {**ENROLL, "UniqueName": "Again"}],
        ["'Again' is a second EnrollStep", "remove it, one is allowed"],
    ),
    ("Revocation", [REVOKE, {**REVOKE, "UniqueName": "Again"}], ["'Again' is a second RevokeStep"]),
    (
        "Enrollment",
        [{**ENROLL, "Conditions": [{"Value": "True"}]}],
        ["'Enroll' takes no conditions", "remove them"],
    ),
    ("Revocation", [{**REVOKE, "Conditions": [{"Value": "True"}]}], ["'Revoke' takes no conditions"]),
    ("Revocation", [ENROLL], ["EnrollStep belongs only in Enrollment; remove it"]),
    ("Expiration", [REVOKE], ["RevokeStep belongs only in Revocation"]),
    (
        "Expiration",
        [builders.step("NOOPStep", "startnoop")],
        ["used more than once", "give each step its own"],
    ),
    ("Expiration", [builders.step("Nonsense", "What")], ["no step type Nonsense", "there are AwsLambda"]),
    (
        "Expiration",
        [builders.step("RequireApproval", "Ask", Signals=[])],
        ["needs a signal with at least one role (RoleIds or RoleTokens)"],
    ),
    (
        "Expiration",
        [builders.step("RequireApproval", "Ask", Signals=[APPROVAL | {"RoleIds": [4711]}])],
        ["role 4711, which does not exist; GET /Security/Roles lists"],
    ),
    ("Expiration", [_webhook({"Provider": 3, "Parameters": {}})], ["with the secret itself"]),
    ("Expiration", [_conditional("")], ["It is empty; write an expression"]),
    ("Expiration", [_conditional("cn == $x")], ["A token is written $(Name)"]),
]


@pytest.mark.django_db
@pytest.mark.parametrize(("workflow_type", "middle", "words"), STEPS)
def test_steps_that_break_a_rule_are_not_saved(
    editor: ApiClient, workflow_type: str, middle: list[builders.Step], words: list[str]
) -> None:
    path = made(editor, workflow_type)
    before = stored()
    answer = editor.put(f"{path}/Steps", builders.chain(*map(dict, middle)))
    refused(answer, 400, INVALID, *words)
    assert answer.json()["Problems"]
    assert stored() == before


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["Conditions", "conditions"])
def test_a_small_body_that_asks_for_much_is_refused_at_once(editor: ApiClient, name: str) -> None:
    path = made(editor)
    steps = builders.chain(builders.step("NOOPStep", "Ask", **{name: [{"Value": "1 < 2"}] * 20_000}))
    refused(editor.put(f"{path}/Steps", steps), 400, INVALID, "'Ask' has 20,000 conditions; 20 are allowed")


def wait_for(key: str, occurrence: str = "first") -> None:
    data = {"AlertId": 7, "CertificateId": 1}
    events.publish(WorkflowType.Expiration, key=key, occurrence=occurrence, data=data, now=timezone.now())


@pytest.mark.django_db
def test_what_would_start_workflows_at_once_wants_force(editor: ApiClient) -> None:
    path = made(editor, Key="7")
    editor.put(f"{path}/Steps", builders.chain())
    wait_for("7")
    texts = {"DisplayName": "A workflow", "Description": ""}
    before = stored()
    refused(editor.post(f"{path}/Publish"), 409, CONFIRM, "1 events wait", "force=true", "RUN 1")
    assert stored() == before
    editor.put(f"{path}/Status", False)
    editor.post(f"{path}/Publish")
    before = stored()
    refused(editor.put(f"{path}/Status", True), 409, CONFIRM, "force=true")
    refused(editor.put(path, {**texts, "Enabled": True}), 409, CONFIRM, "force=true")
    assert stored() == before
    assert editor.put(f"{path}/Status?force=true", True).status_code == 204


@pytest.mark.django_db
def test_an_active_definition_takes_a_key_with_waiting_events_only_by_force(editor: ApiClient) -> None:
    path = made(editor)
    editor.put(f"{path}/Steps", builders.chain())
    editor.post(f"{path}/Publish")
    wait_for("7")
    texts = {"DisplayName": "A workflow", "Description": "d", "Keys": ["7"]}
    before = stored()
    refused(editor.put(path, texts, **V2), 409, CONFIRM, "1 events wait", "force=true", "RUN 1")
    assert stored() == before
    assert editor.put(path, {**texts, "Enabled": False}, **V2).status_code == 200
    assert editor.put(path, {**texts, "Keys": []}, **V2).status_code == 200
    assert editor.put(f"{path}/Status", True).status_code == 204
    assert editor.put(f"{path}?force=true", texts, **V2).status_code == 200
    wait_for("7", "again")
    assert editor.put(path, texts, **V2).status_code == 200  # nothing new is served


@pytest.mark.django_db
def test_a_container_counts_among_what_waits_for_its_store_type(editor: ApiClient) -> None:
    path = made(editor, "CertificateEnteredStore", Key="3")
    editor.put(f"{path}/Steps", builders.chain())
    kind = WorkflowType.CertificateEnteredStore
    events.publish(kind, key="3:12", occurrence="1", data={"CertificateId": 1}, now=timezone.now())
    refused(editor.post(f"{path}/Publish"), 409, CONFIRM, "1 events wait")


@pytest.mark.django_db
def test_a_script_in_use_keeps_its_category_and_its_name(caller: Callable[..., ApiClient]) -> None:
    admin = caller("/")
    script = Script.objects.create(name="Find owner", contents="@{}", categories=[6])
    values = {"ScriptName": "Find owner"}
    step = builders.step("CustomPowerShell", "Find", ConfigurationParameters=values)
    assert admin.put(f"{made(admin)}/Steps", builders.chain(step)).status_code == 200
    stripped = {"Id": script.pk, "Categories": []}
    words = ("category 6 must stay", "name another script")
    refused(admin.put("Extensions/Scripts", stripped), 409, PROTECTED, *words)
    second = {"Name": "Find owner", "Contents": "@{}"}
    refused(admin.post("Extensions/Scripts", second), 409, TAKEN, "already. Choose another name")
    admin.put("Extensions/Scripts", {"Id": script.pk, "Name": "Other", "Contents": "@{a=1}"})
    assert Script.objects.get().name == "Find owner"


@pytest.mark.django_db
def test_a_publication_with_errors_changes_nothing(editor: ApiClient) -> None:
    path = made(editor)
    role = builders.role("Nobody holds it")
    editor.put(f"{path}/Steps", builders.chain(builders.approval(roles=[role])))
    before = stored()
    refused(editor.post(f"{path}/Publish"), 400, INVALID, "add people to the roles")
    assert stored() == before


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("content", "status", "words"),
    [
        (b"[" + b" " * 10_000_000 + b"]", 413, "larger than"),
        (
            json.dumps([builders.step("NOOPStep", f"S{number}") for number in range(10_000)]).encode(),
            413,
            "larger",
        ),
        (b"[" + b",".join([b"{}"] * 10_000) + b"]", 400, "at most 200"),
        (
            json.dumps([builders.step("NOOPStep", f"S{number}") for number in range(201)]).encode(),
            400,
            "at most 200",
        ),
    ],
    ids=["10 MB", "10,000 steps", "10,000 small ones", "201 steps"],
)
def test_too_much_is_refused_before_it_is_read(
    editor: ApiClient, content: bytes, status: int, words: str
) -> None:
    path = made(editor)
    answer = editor.send("PUT", f"{path}/Steps", content)
    assert (answer.status_code, words in answer.json()["Message"]) == (status, True), answer.content[:500]


@pytest.mark.parametrize(
    ("path", "words"),
    [
        (f"{ROOT}/00000000-0000-4000-8000-000000000000", "GET /Workflow/Definitions lists"),
        ("{made}?definitionVersion=9", "there are 1 to 1"),
        ("Extensions/Scripts/999999", "GET /Extensions/Scripts lists"),
    ],
)
def test_what_is_not_there_says_where_to_look(admin: ApiClient, path: str, words: str) -> None:
    refused(admin.get(path.format(made=made(admin))), 404, "0xC0040001", words)
