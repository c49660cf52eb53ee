"""`If-Match` keeps a change from overwriting what its caller has not seen; without it the last one wins."""

from __future__ import annotations

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
