"""Roles, identities and what a caller may do."""

from __future__ import annotations

from typing import Any

import pytest

from tests import builders
from tests.api.clients import ApiClient, person
from workflows.models import AuditEntry, Definition, Instance, PendingSignal, Role, User
from workflows.vocabulary.auditing import Category, Operation
from workflows.vocabulary.statuses import InstanceStatus

READERS = {"Name": "Readers", "Description": "May read", "Permissions": ["/auditing/read/"]}


@pytest.fixture
def administrators(admin: ApiClient) -> Role:
    """The built-in role, with one active member."""
    role = Role.objects.create(name="Administrator", permissions=["/"], immutable=True)
    role.members.add(person("first"))
    return role


def create(admin: ApiClient, **fields: Any) -> dict[str, Any]:
    answer = admin.post("Security/Roles", READERS | fields)
    assert answer.status_code == 200, answer.content
    return dict(answer.json())


def test_a_role_from_beginning_to_end(admin: ApiClient, stranger: ApiClient) -> None:
    ada = person("ada")
    made = create(admin, Identities=[{"AccountName": "ada"}], EmailAddress="readers@example.com")
    assert made["Identities"][0]["AccountName"] == "COUNTERSIGN\\ada"
    assert (made["Enabled"], made["Private"], made["Immutable"], made["Valid"]) == (True, False, False, True)
    changed = admin.put("Security/Roles", {"Id": made["Id"], "Name": "Auditors", "Description": "x"}).json()
    assert (changed["Name"], changed["Permissions"]) == ("Auditors", ["/auditing/read/"])
    assert admin.get(f"Security/Roles/{made['Id']}").json() == changed
    listed = admin.get('Security/Roles?QueryString=name -eq "auditors"').json()
    assert listed == [changed]
    assert admin.delete(f"Security/Roles/{made['Id']}").status_code == 204
    assert admin.get(f"Security/Roles/{made['Id']}").status_code == 404
    entries = AuditEntry.objects.filter(category=Category.SecurityRole).order_by("pk")
    assert [entry.operation for entry in entries] == [Operation.Created, Operation.Updated, Operation.Deleted]
    assert entries[1].before["name"] == "Readers"
    assert entries[1].after["name"] == "Auditors"
    assert ada.is_active
    for call in (
        stranger.get("Security/Roles"),
        stranger.get(f"Security/Roles/{made['Id']}"),
        stranger.post("Security/Roles", READERS),
        stranger.put("Security/Roles", READERS),
        stranger.delete(f"Security/Roles/{made['Id']}"),
    ):
        assert call.status_code == 403


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"Name": ""}, "Name: "),
        ({"Name": "x" * 129}, "Name: "),
        ({"Description": "x" * 513}, "Description: "),
        ({"Permissions": ["/auditing/"], "Name": None}, "Name: "),
        ({"Permissions": ["/nonsense/"]}, "'/nonsense/'"),
        ({"Permissions": ["auditing/read"]}, "'auditing/read'"),
        ({"Permissions": [7]}, "Permissions[0]: Must be text."),
        ({"Permissions": ["/auditing/", "/auditing/read/"]}, "covered by '/auditing/'"),
        ({"Identities": [{"AccountName": "nobody"}]}, "no user named nobody"),
        ({"Claims": [{"ClaimType": 1}]}, "Claims: "),
        ({"EmailAddress": "nobody"}, "EmailAddress: "),
    ],
)
def test_a_bad_role_changes_nothing(admin: ApiClient, fields: dict[str, Any], reason: str) -> None:
    before = Role.objects.count()
    answer = admin.post("Security/Roles", READERS | fields)
    assert answer.status_code == 400, answer.content
    assert reason in answer.json()["Message"]
    assert Role.objects.count() == before


def test_permissions_in_the_words_of_older_clients(admin: ApiClient) -> None:
    made = create(admin, Permissions=["WorkflowDefinitions:Read", "auditing:read", "/ssh/user/"])
    assert made["Permissions"] == ["/auditing/read/", "/ssh/user/", "/workflows/definitions/read/"]


def test_members_are_replaced(admin: ApiClient, stranger: ApiClient) -> None:
    made, ada, bob = create(admin), person("ada"), person("bob")
    path = f"Security/Roles/{made['Id']}/Identities"
    assert admin.put(path, {"Ids": [ada.pk, bob.pk]}).json() == [
        {"Id": ada.pk, "Name": "COUNTERSIGN\\ada"},
        {"Id": bob.pk, "Name": "COUNTERSIGN\\bob"},
    ]
    assert admin.put(path, {"Ids": [bob.pk]}).status_code == 200
    assert [member["Name"] for member in admin.get(path).json()] == ["COUNTERSIGN\\bob"]
    assert admin.put(path, {"Ids": [999_999]}).status_code == 400
    assert stranger.put(path, {"Ids": []}).status_code == 403


def test_a_copy_has_permissions_and_members(admin: ApiClient, stranger: ApiClient) -> None:
    made = create(admin, Identities=[{"AccountName": person("ada").username}])
    copy = admin.post(f"Security/Roles/{made['Id']}/Copy", {"Name": "Others"}).json()
    assert (copy["Name"], copy["Permissions"]) == ("Others", made["Permissions"])
    assert copy["Identities"] == made["Identities"]
    assert admin.post("Security/Roles/999999/Copy", {"Name": "x"}).status_code == 404
    assert stranger.post(f"Security/Roles/{made['Id']}/Copy", {"Name": "x"}).status_code == 403


class TestTheAdministrator:
    def test_cannot_be_changed_or_deleted(self, admin: ApiClient, administrators: Role) -> None:
        body = {"Id": administrators.pk, "Name": "Administrator", "Description": "new"}
        for answer in (
            admin.put("Security/Roles", body),
            admin.put("Security/Roles", body | {"Description": "", "Permissions": ["/auditing/"]}),
            admin.put("Security/Roles", body | {"Description": "", "Enabled": False}),
            admin.delete(f"Security/Roles/{administrators.pk}"),
        ):
            assert (answer.status_code, answer.json()["ErrorCode"]) == (409, "0xC0050005")

    def test_takes_other_members(self, admin: ApiClient, administrators: Role) -> None:
        body = {"Id": administrators.pk, "Name": "Administrator", "Description": "", "Permissions": ["/"]}
        answer = admin.put("Security/Roles", body | {"Identities": [{"AccountName": person("ada").username}]})
        assert answer.status_code == 200, answer.content

    def test_keeps_its_last_member(self, admin: ApiClient, administrators: Role) -> None:
        last = administrators.members.get()
        disabled = person("gone")
        User.objects.filter(pk=disabled.pk).update(is_active=False)
        path = f"Security/Roles/{administrators.pk}/Identities"
        for answer in (
            admin.put(path, {"Ids": []}),
            admin.put(path, {"Ids": [disabled.pk]}),
            admin.delete(f"Security/Identities/{last.pk}"),
            admin.put(f"Security/Users/{last.pk}/Status", False),
        ):
            assert answer.status_code == 409, answer.content
        assert administrators.members.get() == last
        assert User.objects.get(pk=last.pk).is_active


def test_a_role_that_a_workflow_names_stays(admin: ApiClient) -> None:
    made = create(admin)
    builders.publish(
        builders.chain(builders.approval(roles=[Role.objects.get(pk=made["Id"])])), name="Two eyes"
    )
    answer = admin.delete(f"Security/Roles/{made['Id']}")
    assert answer.status_code == 409
    assert "'Two eyes' names the role Readers" in answer.json()["Message"]


def test_identities(admin: ApiClient, stranger: ApiClient) -> None:
    made = admin.post("Security/Identities", {"AccountName": "COUNTERSIGN\\ada"}).json()
    assert made["AccountName"] == "COUNTERSIGN\\ada"
    create(
        admin,
        Identities=[{"AccountName": "ada"}],
        Permissions=["/auditing/", "/certificates/collections/read/"],
    )
    shown = admin.get(f"Security/Identities/{made['Id']}").json()
    assert shown == {
        "Identity": "COUNTERSIGN\\ada",
        "SecuredAreaPermissions": [{"Permission": "/auditing/", "GrantedByRoles": ["Readers"]}],
        "CollectionPermissions": [
            {"Permission": "/certificates/collections/read/", "GrantedByRoles": ["Readers"]}
        ],
        "ContainerPermissions": [],
    }
    listed = admin.get('Security/Identities?QueryString=AccountName -eq "COUNTERSIGN\\ada"').json()
    assert [(row["Id"], row["Roles"][0]["Name"], row["SID"]) for row in listed] == [
        (made["Id"], "Readers", None)
    ]
    assert admin.get("Security/Identities/Lookup?accountName=ADA").json() == {"Valid": True}
    assert admin.delete(f"Security/Identities/{made['Id']}").status_code == 204
    assert admin.get("Security/Identities/Lookup?accountName=ada").json() == {"Valid": False}
    assert admin.get("Security/Identities/Lookup").status_code == 400
    for path in (
        "Security/Identities",
        f"Security/Identities/{made['Id']}",
        "Security/Identities/Lookup?accountName=a",
    ):
        assert stranger.get(path).status_code == 403


def test_my_own_rights(admin: ApiClient, stranger: ApiClient) -> None:
    mine = admin.get("Security/My").json()
    assert {"Area": "WorkflowDefinitions", "Permission": "Modify"} in mine["GlobalPermissions"]
    nothing = stranger.get("Security/My").json()
    assert (nothing["Roles"], nothing["GlobalPermissions"], nothing["Permissions"]) == ([], [], [])


def test_permissions(admin: ApiClient, stranger: ApiClient) -> None:
    assert "/workflows/definitions/modify/" in admin.get("Permissions").json()
    assert stranger.get("Permissions").status_code == 403


def test_a_holder_of_read_may_not_change(caller: Any) -> None:
    reader = caller("/security/read/")
    assert reader.get("Security/Roles").status_code == 200
    assert reader.post("Security/Roles", READERS).status_code == 403


def test_a_role_whose_signal_is_awaited_stays(admin: ApiClient) -> None:
    role = Role.objects.get(pk=create(admin)["Id"])
    version = builders.publish(builders.chain(builders.approval(roles=[role])))
    builders.run(version)
    Definition.objects.update(deleted_at=version.created_at)
    disabled = admin.put("Security/Roles", {"Id": role.pk, **READERS, "Enabled": False})
    for answer in (admin.delete(f"Security/Roles/{role.pk}"), disabled):
        assert answer.status_code == 409
        assert "1 workflow instance(s) wait for a signal of the role Readers" in answer.json()["Message"]
    assert admin.put("Security/Roles", {"Id": role.pk, **READERS, "Name": "Lectors"}).status_code == 200


@pytest.mark.parametrize("by", ["EscalationRole", "RoleTokens"])
def test_a_role_that_a_workflow_calls_by_its_name_keeps_it(admin: ApiClient, by: str) -> None:
    role = Role.objects.get(pk=create(admin)["Id"])
    step = builders.approval(roles=[role], **({by: " readers"} if by == "EscalationRole" else {}))
    if by == "RoleTokens":
        step["Signals"][0].update(RoleIds=[], RoleTokens=["readers"])
    version = builders.publish(builders.chain(step), name="Two eyes")
    renamed = {"Id": role.pk, **READERS, "Name": "Lectors"}
    for _ in range(2):
        for answer in (admin.put("Security/Roles", renamed), admin.delete(f"Security/Roles/{role.pk}")):
            assert answer.status_code == 409
            assert "'Two eyes' names the role Readers in version 1" in answer.json()["Message"]
        # The second time it is unfinished instances alone that do.
        builders.run(version)
        PendingSignal.objects.all().delete()
        Definition.objects.update(published=None, deleted_at=version.created_at)
    for free in ({"Description": "Others"}, {"Name": "READERS"}):
        assert admin.put("Security/Roles", {"Id": role.pk, **READERS, **free}).status_code == 200
    Instance.objects.update(status=InstanceStatus.Rejected)
    assert admin.put("Security/Roles", renamed).status_code == 200
