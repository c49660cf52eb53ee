"""A form that is sent after the session has ended comes through the log-in with the person."""

from __future__ import annotations

import html
import re
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
import time_machine
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone

from tests import world as scenery
from tests.portal.test_second_factor import NOW, code_of
from workflows.access import second_factors
from workflows.models import CertificateRequest, User

if TYPE_CHECKING:
    from pytest_django import Settings

    from tests.world import World

TYPED = {"template": "WebServer", "requester_email": "שלום🦄@keyexample.com", "password": "never kept"}


def fields(answer: HttpResponse, action: str) -> dict[str, str]:
    """The hidden fields of the form that is sent to `action`."""
    (form,) = re.findall(rf'<form [^>]*action="{action}">(.*?)</form>', answer.text, re.DOTALL)
    found = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', form)
    return {name: html.unescape(value) for name, value in found if name != "csrfmiddlewaretoken"}


def log_in(client: Client, given: dict[str, str], password: str = "a password of tests") -> HttpResponse:
    return client.post("/login", {**given, "username": "requester", "password": password})


@pytest.fixture
def client(world: World) -> Client:
    return Client()


def test_what_was_typed_is_sent_after_the_log_in(client: Client) -> None:
    typed = {**TYPED, "csr": scenery.csr(), "requester_email": ""}
    late = client.post("/enroll/csr", typed)
    assert late.status_code == 403
    assert "what you typed is kept" in late.text
    assert "never kept" not in late.text
    back = log_in(client, fields(late, "/login"))
    assert "You are back" in back.text
    kept = fields(back, "/enroll/csr")
    assert kept == {name: value for name, value in typed.items() if name != "password"}
    assert not CertificateRequest.objects.exists()
    assert client.post("/enroll/csr", kept).status_code == 302
    assert CertificateRequest.objects.count() == 1


def test_a_wrong_password_loses_nothing(client: Client) -> None:
    late = client.post("/enroll/csr", TYPED)
    wrong = log_in(client, fields(late, "/login"), "wrong")
    assert wrong.status_code == 401
    back = log_in(client, fields(wrong, "/login"))
    assert fields(back, "/enroll/csr")["requester_email"] == TYPED["requester_email"]


def test_a_second_factor_loses_nothing(client: Client, world: World, settings: Settings) -> None:
    settings.SECOND_FACTOR = True
    secret = second_factors.new_secret()
    with time_machine.travel(NOW, tick=False):
        codes = second_factors.enroll(world.requester, secret, code_of(secret))
    late = client.post("/enroll/csr", TYPED)
    assert log_in(client, fields(late, "/login")).url == "/login/code"
    back = client.post("/login/code", {"code": codes[0]})
    assert "You are back" in back.text


@pytest.mark.parametrize("held", ["nonsense", "ä", "", "AAAA", "x" * 10_000])
def test_forms_that_we_did_not_seal_are_no_forms(client: Client, held: str) -> None:
    assert log_in(client, {"held": held}).status_code == 302


def test_old_forms_are_forgotten(client: Client) -> None:
    given = fields(client.post("/enroll/csr", TYPED), "/login")
    with time_machine.travel(timezone.now() + timedelta(hours=2)):
        answer = log_in(client, given)
    assert (answer.status_code, answer.headers["Location"]) == (302, "/enroll/csr")


def test_an_empty_form_is_not_kept(client: Client) -> None:
    assert client.post("/workflow/my", {"csrfmiddlewaretoken": "x"}).status_code == 302


def test_it_stays_out_of_the_api(client: Client, world: World) -> None:
    assert "held" not in client.post("/api/Workflow/Definitions", TYPED).text
    assert User.objects.filter(username="requester").exists()
