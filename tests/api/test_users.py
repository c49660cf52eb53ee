"""Our own users and tokens."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from tests.api.clients import PASSWORD, ApiClient, person
from workflows.models import ApiToken, AuditEntry, User
from workflows.vocabulary.auditing import Category, Operation

SECRET = "a long enough passphrase"
ADA = {"AccountName": "ada", "Password": SECRET, "Email": "ada@example.com", "FullName": "Ada L."}


def test_a_user_from_beginning_to_end(admin: ApiClient, stranger: ApiClient) -> None:
    made = admin.post("Security/Users", ADA).json()
    assert (made["AccountName"], made["FullName"], made["IsActive"]) == ("COUNTERSIGN\\ada", "Ada L.", True)
    assert "Password" not in made
    assert ApiClient("ada", password=SECRET).get("Security/My").status_code == 200
    path = f"Security/Users/{made['Id']}"
    changed = admin.put("Security/Users", {"Id": made["Id"], "Email": "a@example.com"}).json()
    assert (changed["Email"], changed["FullName"]) == ("a@example.com", "Ada L.")
    assert admin.get(path).json() == changed
    assert admin.get("Security/Users?QueryString=Email -eq a@example.com").json() == [changed]
    assert admin.put(f"{path}/Password", {"Password": "another long passphrase"}).status_code == 204
    assert ApiClient("ada", password=SECRET).get("Security/My").status_code == 401
    assert admin.put(f"{path}/Status", False).status_code == 204
    assert ApiClient("ada", password="another long passphrase").get("Security/My").status_code == 401
    assert admin.put(f"{path}/Status", True).status_code == 204
    assert ApiClient("ada", password="another long passphrase").get("Security/My").status_code == 200
    operations = AuditEntry.objects.filter(category=Category.SecurityIdentity).values_list(
        "operation", flat=True
    )
    assert list(operations.order_by("pk")) == [
        Operation.Created,
        Operation.Updated,
        Operation.Reset,
        Operation.Disabled,
        Operation.Enabled,
    ]
    for call in (
        stranger.get("Security/Users"),
        stranger.get(path),
        stranger.post("Security/Users", ADA),
        stranger.put("Security/Users", {"Id": made["Id"]}),
        stranger.put(f"{path}/Password", {"Password": SECRET}),
        stranger.put(f"{path}/Status", False),
    ):
        assert call.status_code == 403


def test_a_time_zone_must_exist(admin: ApiClient) -> None:
    body = {"Id": person("ada").pk}
    assert (
        admin.put("Security/Users", body | {"TimeZone": "Europe/Berlin"}).json()["TimeZone"]
        == "Europe/Berlin"
    )
    assert admin.put("Security/Users", body | {"TimeZone": "Europe/Atlantis"}).status_code == 400


def test_passwords_are_never_written_anywhere(admin: ApiClient) -> None:
    made = admin.post("Security/Users", ADA).json()
    admin.put(f"Security/Users/{made['Id']}/Password", {"Password": "another long passphrase"})
    written = str(list(AuditEntry.objects.values())) + str(list(User.objects.values()))
    assert SECRET not in written
    assert "another long passphrase" not in written


@pytest.mark.parametrize(
    ("fields", "status", "reason"),
    [
        ({"AccountName": ""}, 400, "AccountName"),
        ({"AccountName": "a b"}, 400, "AccountName"),
        ({"AccountName": "ELSEWHERE\\ada"}, 400, "AccountName"),
        ({"AccountName": "x" * 151}, 400, "AccountName"),
        ({"Password": "short"}, 400, "Password: "),
        ({"Password": "password12"}, 400, "too common"),
        ({"Password": 7}, 400, "Password: Must be text."),
        ({"Email": "nobody"}, 400, "Email: "),
        ({"AccountName": "BOB"}, 409, "another user named BOB"),
    ],
)
def test_a_bad_user_is_refused(admin: ApiClient, fields: dict[str, Any], status: int, reason: str) -> None:
    person("bob")
    answer = admin.post("Security/Users", ADA | fields)
    assert (answer.status_code, reason in answer.json()["Message"]) == (status, True), answer.content
    assert not User.objects.filter(username="ada").exists()


def test_unknown_users_are_404(admin: ApiClient) -> None:
    assert admin.get("Security/Users/999999").status_code == 404
    assert admin.put("Security/Users", {"Id": 999_999}).status_code == 404
    assert admin.put("Security/Users/999999/Password", {"Password": SECRET}).status_code == 404
    assert admin.put("Security/Users/999999/Status", True).status_code == 404


def test_a_new_password_ends_the_users_sessions(admin: ApiClient) -> None:
    ada = person("ada")
    browser = Client()
    browser.login(username="ada", password=PASSWORD)
    assert browser.get("/api/Security/My").status_code == 200
    admin.put(f"Security/Users/{ada.pk}/Password", {"Password": SECRET})
    assert browser.get("/api/Security/My").status_code == 401


class TestTokens:
    def bearer(self, text: str) -> dict[str, str]:
        return {"Authorization": f"Bearer {text}"}

    def test_from_beginning_to_end(self, stranger: ApiClient, caller: Callable[..., ApiClient]) -> None:
        made = stranger.post("Security/Tokens", {"Name": "scripts"}).json()
        assert made["Token"].startswith(made["Prefix"])
        used = Client().get("/api/Security/My", headers=self.bearer(made["Token"]))
        assert used.json()["AccountName"] == f"COUNTERSIGN\\{stranger.username}"
        (shown,) = stranger.get("Security/Tokens").json()
        assert (shown["Name"], shown["Scopes"], shown["ExpiresAt"]) == ("scripts", [], None)
        assert "Token" not in shown
        assert shown["LastUsedAt"].endswith("Z")
        other = caller()
        assert other.get("Security/Tokens").json() == []
        assert other.delete(f"Security/Tokens/{made['Id']}").status_code == 404
        assert stranger.delete(f"Security/Tokens/{made['Id']}").status_code == 204
        assert Client().get("/api/Security/My", headers=self.bearer(made["Token"])).status_code == 401
        entries = AuditEntry.objects.filter(category=Category.ApiToken)
        assert [entry.operation for entry in entries.order_by("pk")] == [Operation.Created, Operation.Deleted]
        assert made["Token"] not in str(list(entries.values()))

    def test_an_administrator_sees_and_ends_all(self, admin: ApiClient, stranger: ApiClient) -> None:
        made = stranger.post("Security/Tokens", {"Name": "scripts"}).json()
        assert [row["Id"] for row in admin.get("Security/Tokens").json()] == [made["Id"]]
        assert admin.delete(f"Security/Tokens/{made['Id']}").status_code == 204

    def test_scopes_give_no_more_than_their_maker_has(self, admin: ApiClient, stranger: ApiClient) -> None:
        wanted = {"Name": "x", "Scopes": ["/auditing/read/"]}
        assert stranger.post("Security/Tokens", wanted).status_code == 403
        made = admin.post("Security/Tokens", wanted).json()
        for scopes, status in ((["/auditing/read/"], 200), (["/"], 403), ([], 400)):
            answer = Client().post(
                "/api/Security/Tokens",
                {"Name": "y", "Scopes": scopes},
                content_type="application/json",
                headers=self.bearer(made["Token"]),
            )
            assert answer.status_code == status, answer.content

    def test_of_a_service_but_of_no_other_person(self, admin: ApiClient, stranger: ApiClient) -> None:
        service = admin.post("Security/Users", {"AccountName": "robot", "IsService": True}).json()
        body = {"Name": "x", "UserId": service["Id"]}
        assert admin.post("Security/Tokens", body).json()["AccountName"] == "COUNTERSIGN\\robot"
        assert admin.post("Security/Tokens", {"Name": "x", "UserId": person("ada").pk}).status_code == 400
        assert stranger.post("Security/Tokens", body).status_code == 403

    @pytest.mark.parametrize(
        "fields",
        [
            {"Name": ""},
            {"Scopes": ["/nonsense/"]},
            {"Scopes": "x"},
            {"ExpiresAt": "yesterday"},
            {"ExpiresAt": (timezone.now() - timedelta(days=1)).isoformat()},
        ],
    )
    def test_a_bad_token_is_400(self, admin: ApiClient, fields: dict[str, Any]) -> None:
        assert admin.post("Security/Tokens", {"Name": "x"} | fields).status_code == 400
        assert not ApiToken.objects.exists()
