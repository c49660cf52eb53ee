"""Who calls: Basic, token or session; anything else is 401."""

from __future__ import annotations

import base64

import pytest
from django.test import Client

from tests.api.clients import PASSWORD, ApiClient, basic, person
from workflows.access import throttling, tokens
from workflows.models import User

PATH = "/api/Security/My"


def call(**headers: str) -> tuple[int, str]:
    answer = Client().get(PATH, headers=headers)
    return answer.status_code, answer.json().get("AccountName") or answer.json()["ErrorCode"]


@pytest.fixture
def ada(db: None) -> User:
    return person("ada", "/security/read/")


@pytest.mark.parametrize("name", ["ada", "COUNTERSIGN\\ada"])
def test_basic(ada: User, name: str) -> None:
    assert call(Authorization=basic(name, PASSWORD)) == (200, "COUNTERSIGN\\ada")


def test_basic_in_utf_8(ada: User) -> None:
    ada.set_password("pässwörd:mit Doppelpunkt")
    ada.save()
    assert call(Authorization=basic("ada", "pässwörd:mit Doppelpunkt"))[0] == 200


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "Token"])
def test_a_token(ada: User, scheme: str) -> None:
    _, text = tokens.issue(ada, name="scripts")
    assert call(Authorization=f"{scheme} {text}") == (200, "COUNTERSIGN\\ada")


def test_a_tokens_scopes_narrow_what_its_user_may(ada: User) -> None:
    _, narrow = tokens.issue(ada, name="narrow", scopes=["/auditing/read/"])
    _, wide = tokens.issue(ada, name="wide", scopes=["/"])
    roles = "/api/Security/Roles"
    assert Client().get(roles, headers={"Authorization": f"Bearer {narrow}"}).status_code == 403
    assert Client().get(roles, headers={"Authorization": f"Bearer {wide}"}).status_code == 200
    audit = Client().get("/api/Audit", headers={"Authorization": f"Bearer {narrow}"})
    assert audit.status_code == 403, "a scope gives nothing that no role gives"


def test_a_session(ada: User) -> None:
    browser = Client()
    browser.force_login(ada)
    assert browser.get(PATH).json()["AccountName"] == "COUNTERSIGN\\ada"


def test_a_session_with_its_csrf_token_may_change_things(db: None) -> None:
    person("root", "/")
    browser = Client(enforce_csrf_checks=True)
    browser.login(username="root", password=PASSWORD)
    token = "a" * 32
    browser.cookies["csrftoken"] = token
    answer = browser.post(
        "/api/Security/Roles",
        {"Name": "x", "Description": ""},
        content_type="application/json",
        headers={"X-CSRFToken": token},
    )
    assert answer.status_code == 200, answer.content


@pytest.mark.parametrize(
    "header",
    [
        basic("ada", "wrong"),
        basic("nobody", PASSWORD),
        "Basic",
        "Basic !!!",
        "Basic " + base64.b64encode(b"no colon").decode(),
        "Basic " + base64.b64encode(b"\xff:\xff").decode(),
        basic("a\0da", PASSWORD),
        "Bearer",
        "Bearer cs_nothing",
        "Negotiate abc",
        "Digest username=ada",
    ],
)
def test_wrong_credentials_are_401(ada: User, header: str) -> None:
    assert call(Authorization=header) == (401, "0xC0020001")


def test_wrong_credentials_are_not_saved_by_a_session(ada: User) -> None:
    browser = Client()
    browser.force_login(ada)
    assert browser.get(PATH, headers={"Authorization": basic("ada", "wrong")}).status_code == 401


def test_no_credentials_are_401(db: None) -> None:
    assert call() == (401, "0xC0020001")


def test_too_many_wrong_passwords_are_429(ada: User) -> None:
    for _ in range(throttling.NAME_LIMIT):
        assert ApiClient("ada", password="wrong").get("Security/My").status_code == 401
    answer = ApiClient("ada", password=PASSWORD).get("Security/My")
    assert (answer.status_code, answer.json()["ErrorCode"]) == (429, "0xC0070001")
    assert 0 < int(answer["Retry-After"]) <= throttling.WINDOW.total_seconds()
