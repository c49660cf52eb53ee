"""`If-Match` keeps a change from overwriting what its caller has not seen; without it the last one wins."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.api.clients import ApiClient, person
from tests.world import World
from workflows.models import MetadataField, Role, Script

CHANGES: dict[str, tuple[str, dict[str, Any]]] = {
    "role": ("Security/Roles", {"Name": "A role", "Description": "Signs what servers need"}),
    "user": ("Security/Users", {"FullName": "Ada L."}),
    "template": ("Templates", {"FriendlyName": "Servers"}),
    "metadata field": ("MetadataFields", {"Name": "Room", "DataType": 1, "Description": "Where it stands"}),
    "script": ("Extensions/Scripts", {"Contents": "'hello'"}),
}


@pytest.fixture(params=CHANGES)
def change(request: pytest.FixtureRequest, admin: ApiClient, world: World) -> tuple[str, dict[str, Any]]:
    """Where to send a change, and the change with the id of something that is there."""
    path, body = CHANGES[request.param]
    MetadataField.objects.create(name="Room")
    Script.objects.create(name="Hello", contents="'hi'")
    Role.objects.create(name="A role")
    made = next(each for each in admin.get(path).json() if not each.get("Immutable"))
    return path, {"Id": made["Id"], **body}


def test_a_caller_who_has_seen_the_state_changes_it(
    admin: ApiClient, change: tuple[str, dict[str, Any]]
) -> None:
    path, body = change
    one = f"{path}/{body['Id']}"
    tag = admin.get(one).headers["ETag"]
    changed = admin.put(path, body, if_match=tag)
    assert changed.status_code == 200
    assert changed.headers["ETag"] == admin.get(one).headers["ETag"] != tag


def test_a_caller_who_has_not_is_refused(admin: ApiClient, change: tuple[str, dict[str, Any]]) -> None:
    path, body = change
    one = f"{path}/{body['Id']}"
    tag = admin.get(one).headers["ETag"]
    admin.put(path, body)
    refused = admin.put(path, body, if_match=tag)
    assert (refused.status_code, refused.json()["ErrorCode"]) == (409, "0xC0050006")
    assert admin.put(path, body, if_match="*").status_code == 200
    assert admin.put(path, body).status_code == 200


def test_members_of_a_role_are_replaced_only_as_seen(admin: ApiClient) -> None:
    made = admin.post("Security/Roles", {"Name": "Signers", "Description": "-"}).json()
    one = f"Security/Roles/{made['Id']}"
    tag = admin.get(one).headers["ETag"]
    ids = [person("ada").pk]
    assert admin.put(f"{one}/Identities", {"Ids": ids}, if_match=tag).status_code == 200
    assert admin.put(f"{one}/Identities", {"Ids": []}, if_match=tag).status_code == 409


@pytest.fixture
def definition(admin: ApiClient) -> str:
    body = {"DisplayName": "W", "Description": "-", "WorkflowType": "Revocation"}
    return f"Workflow/Definitions/{admin.post('Workflow/Definitions', body).json()['Id']}"


@pytest.mark.parametrize(
    ("given", "status"),
    [
        ("{tag}", 204),
        ('"999", {tag}', 204),
        ('W/"999",{tag}', 204),
        (" * ", 204),
        ('"999", "998"', 409),
        ("W/{tag}", 409),
        ("1", 400),
        ("{tag} or so", 400),
    ],
)
def test_it_is_read_as_the_standard_says(admin: ApiClient, definition: str, given: str, status: int) -> None:
    """RFC 9110, 13.1.1: any of a list, compared strongly; our status for a difference is 409."""
    tag = admin.get(definition).headers["ETag"]
    answer = admin.put(f"{definition}/Status", False, if_match=given.format(tag=tag))
    assert answer.status_code == status, answer.content
    if status != 204:
        message = answer.json()["Message"]
        assert any(words in message for words in ("read it again", "Send the ETag", "ETags in"))


def test_a_change_of_status_tells_the_new_state(admin: ApiClient, definition: str) -> None:
    changed = admin.put(f"{definition}/Status", False)
    assert changed.headers["ETag"] == admin.get(definition).headers["ETag"]
    assert admin.put(f"{definition}/Status", True, if_match=changed.headers["ETag"]).status_code == 204


@pytest.mark.parametrize("body", [1, 0, "true", "yes", None, {"Enabled": True}])
def test_a_status_is_a_bare_boolean(admin: ApiClient, definition: str, body: object) -> None:
    answer = admin.send("PUT", f"{definition}/Status", json.dumps(body).encode())
    assert answer.status_code == 400
    assert "true or false" in answer.json()["Message"]
