"""Every failure has its status, a code of the table and an object as body (api-contract.md, 1.2)."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test import Client, RequestFactory
from rest_framework.request import Request

from tests.api.clients import PASSWORD, ApiClient, person
from workflows import errors
from workflows.api.errors import STATUS, handle, sentences
from workflows.models import AuditEntry, Role
from workflows.vocabulary.auditing import Category, Level


def handled(error: Exception, **headers: str) -> Any:
    """What `handle` answers outside any view."""
    request = Request(RequestFactory().get("/api/Templates", headers=headers))
    return handle(error, {"request": request})


@pytest.mark.parametrize("kind", errors.Kind)
def test_every_kind_has_a_status(kind: errors.Kind) -> None:
    assert 400 <= STATUS[kind] < 600


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "DELETE"])
def test_an_unknown_path_is_404_for_every_verb(db: None, method: str) -> None:
    for mount in ("/api/", "/KeyfactorAPI/"):
        answer = ApiClient(mount=mount).call(method, "No/Such/Thing")
        assert (answer.status_code, answer.json()["ErrorCode"]) == (404, "0xC0040001")


def test_an_unknown_object_is_404(admin: ApiClient) -> None:
    for path in (
        "Templates/999999",
        "Templates/99999999999999999999",
        "MetadataFields/nothing",
        "Audit/999999",
    ):
        assert admin.get(path).status_code == 404, path


def test_another_verb_is_405(admin: ApiClient) -> None:
    answer = admin.delete("Templates")
    assert (answer.status_code, answer.json()["ErrorCode"]) == (405, "0xC00A0002")
    assert admin.call("OPTIONS", "Templates").status_code == 405


def test_a_caller_that_takes_no_json_gets_406_all_the_same_in_json(admin: ApiClient) -> None:
    answer = admin.get("Templates", Accept="image/png")
    assert (answer.status_code, answer.json()["ErrorCode"]) == (406, "0xC00A0003")


def test_a_missing_permission_is_403_before_the_body_is_looked_at_and_is_audited(stranger: ApiClient) -> None:
    Role.objects.create(name="Guests").members.add(*_users(stranger))
    answer = stranger.post("Security/Roles", ["no", "role"])
    assert (answer.status_code, answer.json()["ErrorCode"]) == (403, "0xA0140002")
    assert "does not have any of the required permissions: Security - Modify" in answer.json()["Message"]
    entry = AuditEntry.objects.get(category=Category.AuthorizationFailure)
    assert entry.level == Level.Warning
    assert entry.after == {
        "Username": f"COUNTERSIGN\\{stranger.username}",
        "RequestRoute": "/api/Security/Roles",
        "RequestType": "API Endpoint",
        "HttpVerb": "POST",
        "Roles": ["Guests"],
    }


def test_a_taken_name_is_409(admin: ApiClient) -> None:
    body = {"Name": "Readers", "Description": ""}
    assert admin.post("Security/Roles", body).status_code == 200
    answer = admin.post("Security/Roles", body | {"Name": "READERS"})
    assert (answer.status_code, answer.json()["ErrorCode"]) == (409, "0xC0050004")


def test_a_session_without_its_csrf_token_is_403(db: None) -> None:
    person("ada", "/")
    browser = Client(enforce_csrf_checks=True)
    assert browser.login(username="ada", password=PASSWORD)
    assert browser.get("/api/Templates").status_code == 200
    answer = browser.post("/api/Security/Roles", {"Name": "x"}, content_type="application/json")
    assert (answer.status_code, answer.json()["ErrorCode"]) == (403, "0xC00A0001")


def test_a_fault_is_500_and_tells_nothing_but_its_number() -> None:
    answer = handled(RuntimeError("the password is hunter2"))
    assert (answer.status_code, answer.data["ErrorCode"]) == (500, "0xC00A0005")
    assert "hunter2" not in str(answer.data)


def test_problems_of_a_definition_are_listed() -> None:
    answer = handled(errors.InvalidDefinition(["Step A is unreachable.", "Step B has no type."]))
    assert answer.status_code == 400
    assert answer.data["Problems"] == ["Step A is unreachable.", "Step B has no type."]
    assert answer.data["Message"] == "Step A is unreachable. Step B has no type."


def test_too_many_attempts_say_when_to_come_back() -> None:
    answer = handled(errors.TooManyAttempts("Later.", retry_after=61))
    assert (answer.status_code, answer["Retry-After"]) == (429, "61")


@pytest.mark.parametrize(
    "headers",
    [{"X-Requested-With": "XMLHttpRequest"}, {"Accept": "text/html,*/*"}, {"Sec-Fetch-Mode": "cors"}],
)
def test_browsers_are_never_asked_for_a_password(headers: dict[str, str]) -> None:
    answer = handled(errors.NotAuthenticated("Log in."), **headers)
    assert answer.status_code == 401
    assert "WWW-Authenticate" not in answer


def test_other_callers_are_asked() -> None:
    answer = handled(errors.NotAuthenticated("Log in."), Accept="application/json")
    assert answer["WWW-Authenticate"] == 'Basic realm="Countersign", charset="UTF-8"'


def test_a_statement_that_takes_too_long_is_503_with_advice(db: None) -> None:
    with pytest.raises(Exception) as caught, connection.cursor() as cursor:  # noqa: PT011
        cursor.execute("SET LOCAL statement_timeout = 20; SELECT pg_sleep(5)")
    answer = handled(caught.value)
    assert answer.status_code == 503
    assert "Narrow the search" in answer.data["Message"]


def test_nested_errors_name_their_place() -> None:
    detail = {
        "Steps": [{}, {"Name": ["Required."]}],
        "non_field_errors": ["Bad."],
        "Ids": {2: ["No number."]},
    }
    assert sentences(detail) == ["Steps[1].Name: Required.", "Bad.", "Ids[2]: No number."]


def _users(client: ApiClient) -> Any:
    from workflows.models import User

    return User.objects.filter(username=client.username)
