"""What the API answers is what its description says: strict clients are made from that."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.api.clients import ApiClient
from tests.api.described import assert_as_described
from tests.world import World, enroll, needs_approvals
from workflows.api.profiles import MOUNTS, Profile
from workflows.api.schema import description

NOOP = {"ExtensionName": "NOOPStep", "UniqueName": "One"}
CREATE: dict[int, dict[str, Any]] = {
    1: {"DisplayName": "W", "Description": "-", "WorkflowType": "Revocation", "Key": None},
    2: {"DisplayName": "W", "Description": "-", "WorkflowType": "Revocation", "Keys": []},
}


@pytest.fixture(params=[1, 2])
def version(request: pytest.FixtureRequest) -> int:
    number: int = request.param
    return number


@pytest.mark.parametrize("profile", Profile)
def test_definitions_in_both_versions(world: World, admin: ApiClient, version: int, profile: Profile) -> None:
    client, said = admin.at(f"/{MOUNTS[profile]}"), {"x_keyfactor_api_version": str(version)}
    made = client.post("Workflow/Definitions", CREATE[version], **said)
    one = f"Workflow/Definitions/{made.json()['Id']}"
    signal = {"SignalName": "ApprovalStatus", "RoleIds": [world.approvers.pk]}
    approval = {"ExtensionName": "RequireApproval", "UniqueName": "Ask", "Signals": [signal]}
    template = "Workflow/Definitions/{definition_id}"
    calls = [
        ("POST", "Workflow/Definitions", made),
        ("PUT", template, client.put(one, CREATE[version], **said)),
        ("PUT", f"{template}/Steps", client.put(f"{one}/Steps", [approval], **said)),
        ("GET", template, client.get(one, **said)),
        ("GET", "Workflow/Definitions", client.get("Workflow/Definitions", **said)),
        ("GET", f"{template}/Export", client.get(f"{one}/Export", **said)),
        ("POST", f"{template}/Copy", client.post(f"{one}/Copy", {}, **said)),
        ("POST", f"{template}/Publish", client.post(f"{one}/Publish", **said)),
        ("PUT", f"{template}/Status", client.put(f"{one}/Status", False, **said)),
        ("GET", f"{template}/Versions", client.get(f"{one}/Versions")),
    ]
    for verb, path, answer in calls:
        assert answer.status_code < 300, answer.content
        assert_as_described(answer, verb, path, profile)


def test_what_only_one_version_has_is_not_required() -> None:
    schemas = description(Profile.DOCUMENTED)["components"]["schemas"]
    for name in ("DefinitionCreate", "Definition", "DefinitionQuery", "StepSignal"):
        assert not {"Key", "Keys", "KeyDisplayName", "RoleIds", "Roles"} & set(schemas[name]["required"])


def test_what_may_not_be_meant_is_told_with_a_publication(admin: ApiClient, world: World) -> None:
    one = f"Workflow/Definitions/{admin.post('Workflow/Definitions', CREATE[1]).json()['Id']}"
    log = {"ExtensionName": "WriteLog", "UniqueName": "Say"}
    log["ConfigurationParameters"] = {"Message": "$(nobody_sets_this)"}
    for answer, path in (
        (admin.put(f"{one}/Steps", [log]), "Steps"),
        (admin.post(f"{one}/Publish"), "Publish"),
    ):
        assert any("nobody_sets_this" in each for each in answer.json()["Warnings"]), answer.content
        verb = "PUT" if path == "Steps" else "POST"
        assert_as_described(answer, verb, f"Workflow/Definitions/{{definition_id}}/{path}")


def test_refusals_of_definitions(admin: ApiClient, world: World) -> None:
    one = f"Workflow/Definitions/{admin.post('Workflow/Definitions', CREATE[1]).json()['Id']}"
    tag = admin.get(one).headers["ETag"]
    template = "Workflow/Definitions/{definition_id}/Steps"
    problems = admin.put(f"{one}/Steps", [NOOP, NOOP])
    assert problems.json()["Problems"]
    assert_as_described(problems, "PUT", template)
    admin.put(f"{one}/Steps", [NOOP])
    stale = admin.put(f"{one}/Steps", [], if_match=tag)
    assert stale.json()["ChangedBy"]
    assert_as_described(stale, "PUT", template)


def test_everything_that_can_be_read_without_naming_it(world: World, admin: ApiClient) -> None:
    enroll(world)
    needs_approvals(world)
    enroll(world)
    for path, verbs in description(Profile.DOCUMENTED)["paths"].items():
        if "get" in verbs and "{" not in path:
            answer = admin.get(path.removeprefix("/api/"))
            assert answer.status_code in {200, 204, 400}, (path, answer.content)
            assert_as_described(answer, "GET", path.removeprefix("/api/"))


def test_an_instance(world: World, admin: ApiClient) -> None:
    needs_approvals(world)
    one = f"Workflow/Instances/{enroll(world).instance.guid}"
    for part in ("", "/History", "/Restart"):
        assert_as_described(admin.get(one + part), "GET", f"Workflow/Instances/{{instance_id}}{part}")


def headers_of(verb: str, path: str) -> Iterator[str]:
    operation = description(Profile.DOCUMENTED)["paths"][f"/api/{path}"][verb]
    yield from (each["name"] for each in operation.get("parameters", ()) if each["in"] == "header")
    for answer in operation["responses"].values():
        yield from answer.get("headers", ())


@pytest.mark.parametrize(
    ("verb", "path", "names"),
    [
        ("put", "Workflow/Definitions/{definition_id}/Steps", {"If-Match", "ETag", "Retry-After"}),
        ("get", "Workflow/Definitions/{definition_id}", {"x-keyfactor-api-version", "ETag"}),
        ("delete", "Workflow/Subscriptions/{subscription_id}", {"If-Match"}),
        ("get", "Workflow/Instances", {"x-total-count"}),
        ("get", "Workflow/Instances/{instance_id}", {"Prefer", "Retry-After"}),
        ("post", "Workflow/Instances/{instance_id}/Restart", {"Location"}),
    ],
)
def test_headers_are_described(verb: str, path: str, names: set[str]) -> None:
    assert names <= set(headers_of(verb, path))
