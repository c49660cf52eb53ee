"""Codes after the password: added, asked for, used once, throttled, and taken away."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from io import StringIO

import pytest
import time_machine
from allauth.mfa.totp.internal import auth as totp
from django.core.management import CommandError, call_command
from django.http import HttpResponse
from django.test import Client
from pytest_django import Settings

from tests.api.clients import basic
from tests.portal.conftest import Visitors
from tests.world import World
from workflows.access import second_factors
from workflows.access.throttling import NAME_LIMIT
from workflows.models import AuditEntry
from workflows.vocabulary.auditing import Operation

PASSWORD = "a password of tests"
NOW = datetime(2030, 1, 1, tzinfo=UTC)


@pytest.fixture
def offered(world: World, settings: Settings) -> World:
    settings.SECOND_FACTOR = True
    return world


@pytest.fixture
def secret(offered: World) -> str:
    """The requester's, whose app was used at NOW for the last time."""
    secret = second_factors.new_secret()
    with time_machine.travel(NOW, tick=False):
        second_factors.enroll(offered.requester, secret, code_of(secret))
    return secret


def code_of(secret: str, later: int = 0) -> str:
    """What the app shows some steps of half a minute after NOW."""
    counter = int((NOW + timedelta(seconds=30 * later)).timestamp()) // 30
    return totp.format_hotp_value(totp.hotp_value(secret, counter))


def give_password(client: Client) -> HttpResponse:
    return client.post("/login", {"username": "requester", "password": PASSWORD, "next": "/certificates"})


def give_code(client: Client, code: str, later: int = 1) -> HttpResponse:
    with time_machine.travel(NOW + timedelta(seconds=30 * later), tick=False):
        give_password(client)
        return client.post("/login/code", {"code": code})


def test_without_the_setting_there_is_nothing_of_it(visit: Visitors) -> None:
    client = visit("requester")
    assert "Second factor" not in client.get("/account").content.decode()
    assert client.get("/account/second-factor").status_code == 404


def test_a_person_adds_it_and_sees_the_recovery_codes_once(offered: World, visit: Visitors) -> None:
    client = visit("requester")
    assert "/account/second-factor" in client.get("/account").content.decode()
    page = client.get("/account/second-factor")
    secret = client.session["new_second_factor"]
    assert secret in page.content.decode()
    assert "data:image/svg+xml;base64," in page.content.decode()
    with time_machine.travel(NOW, tick=False):
        client.force_login(offered.requester)
        client.get("/account/second-factor")
        secret = client.session["new_second_factor"]
        wrong = client.post("/account/second-factor", {"code": "12345"})
        assert (wrong.status_code, second_factors.is_enrolled(offered.requester)) == (400, False)
        codes = client.post("/account/second-factor", {"code": code_of(secret)}).context["codes"]
        assert len(set(codes)) == second_factors.RECOVERY_CODES
        assert codes[0] not in client.get("/account/second-factor").content.decode()
    assert AuditEntry.objects.get(operation=Operation.Updated).after == {"second_factor": "added"}


def test_the_password_alone_opens_nothing(secret: str, client: Client) -> None:
    assert give_password(client)["Location"] == "/login/code"
    assert client.get("/").status_code == 302
    assert "One more code" in client.get("/login/code").content.decode()
    assert not AuditEntry.objects.filter(operation=Operation.LoggedIn).exists()


def test_the_code_does_and_counts_once(secret: str) -> None:
    assert give_code(Client(), code_of(secret, 1))["Location"] == "/certificates"
    assert AuditEntry.objects.get(operation=Operation.LoggedIn).after["Way"] == "Password and code"
    assert give_code(Client(), code_of(secret, 1)).status_code == 401


@pytest.mark.parametrize("later", [0, -1, 3])
def test_codes_of_other_times_are_refused(secret: str, client: Client, later: int) -> None:
    """0 is the one that was shown when it was added."""
    assert give_code(client, code_of(secret, later)).status_code == 401


def test_a_recovery_code_counts_once(offered: World) -> None:
    secret = second_factors.new_secret()
    with time_machine.travel(NOW, tick=False):
        [code, *_] = second_factors.enroll(offered.requester, secret, code_of(secret))
    assert give_code(Client(), code.upper()).status_code == 302
    assert give_code(Client(), code).status_code == 401


def test_right_passwords_do_not_forgive_wrong_codes(secret: str) -> None:
    for _ in range(NAME_LIMIT):
        assert give_code(Client(), "000000").status_code == 401
    assert give_code(Client(), code_of(secret, 1)).status_code == 429


def test_the_second_step_waits_five_minutes_only(secret: str, client: Client) -> None:
    with time_machine.travel(NOW, tick=False) as clock:
        give_password(client)
        clock.shift(timedelta(minutes=6))
        assert client.post("/login/code", {"code": code_of(secret, 12)})["Location"] == "/login"


def test_a_new_password_ends_the_second_step(secret: str, offered: World, client: Client) -> None:
    give_password(client)
    offered.requester.set_password("another password")
    offered.requester.save()
    assert client.get("/login/code")["Location"] == "/login"


def test_the_api_wants_a_token_instead_of_the_password(secret: str, client: Client) -> None:
    answer = client.get("/api/Workflow/Instances", headers={"Authorization": basic("requester", PASSWORD)})
    assert answer.status_code == 401
    assert "API token" in answer.content.decode()


def test_it_is_taken_away_against_a_code(secret: str, offered: World, client: Client) -> None:
    with time_machine.travel(NOW + timedelta(seconds=30), tick=False):
        client.force_login(offered.requester)
        assert client.post("/account/second-factor/end", {"code": "000000"}).status_code == 400
        assert second_factors.is_enrolled(offered.requester)
        assert client.post("/account/second-factor/end", {"code": code_of(secret, 1)}).status_code == 302
    assert not second_factors.is_enrolled(offered.requester)


def test_the_command_takes_it_away_too(secret: str, client: Client) -> None:
    said = StringIO()
    call_command("reset_second_factor", "requester", stdout=said)
    call_command("reset_second_factor", "requester", stdout=said)
    assert "with the password alone" in said.getvalue()
    assert "has no second factor" in said.getvalue()
    assert AuditEntry.objects.get(operation=Operation.Reset).after == {"second_factor": "removed"}
    assert give_password(client)["Location"] == "/certificates"
    with pytest.raises(CommandError, match="nobody"):
        call_command("reset_second_factor", "nobody")


def test_the_stored_secret_is_sealed(secret: str, offered: World) -> None:
    row = offered.requester.authenticator_set.get(type="totp")
    assert secret not in str(row.data)
