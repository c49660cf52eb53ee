"""Log-in and Log Out."""

from __future__ import annotations

import pytest
from django.http import HttpResponse
from django.test import Client

from tests.portal.conftest import Visitors
from tests.world import World
from workflows.access.throttling import NAME_LIMIT
from workflows.models import AuditEntry, User
from workflows.vocabulary.auditing import Operation

PASSWORD = "a password of tests"


def log_in(client: Client, password: str = PASSWORD, **fields: str) -> HttpResponse:
    return client.post("/login", {"username": "requester", "password": password, **fields})


def test_the_right_password_opens_the_portal(world: World) -> None:
    client = Client()
    assert log_in(client).headers["Location"] == "/"
    assert client.get("/").status_code == 200
    entry = AuditEntry.objects.get(operation=Operation.LoggedIn)
    assert (entry.user_name, entry.after) == (
        world.requester.account_name,
        {"Address": "127.0.0.1", "Way": "Password"},
    )


@pytest.mark.parametrize(
    ("path", "page"),
    [
        ("/account/sessions/end", "/account"),
        ("/account/time-zone", "/account"),
        ("/workflow/instances/columns", "/workflow/instances"),
        ("/logout", "/"),
        ("/workflow/my?tab=created", "/workflow/my?tab=created"),
    ],
)
def test_after_a_form_came_too_late_its_page_is_shown(world: World, path: str, page: str) -> None:
    client = Client()
    client.post(path)
    assert log_in(client, next=path).headers["Location"] == page


def test_what_only_takes_a_form_says_so_when_it_is_opened(visit: Visitors) -> None:
    answer = visit("requester").get("/account/time-zone")
    assert answer.status_code == 405
    assert answer.headers["Allow"] == "POST"
    assert 'href="/account">Open the page' in answer.content.decode()


def test_what_takes_no_form_says_so(visit: Visitors) -> None:
    answer = visit("requester").post("/workflow/my")
    assert answer.status_code == 405
    assert "takes no form" in answer.content.decode()


def test_the_domain_may_stand_before_the_name(world: World) -> None:
    answer = log_in(Client(), username=world.requester.account_name)
    assert answer.status_code == 302


@pytest.mark.parametrize("fields", [{"password": "wrong"}, {"username": "nobody"}, {"username": "a\0b"}])
def test_wrong_credentials_are_refused_in_the_same_words(world: World, fields: dict[str, str]) -> None:
    client = Client()
    answer = client.post("/login", {"username": "requester", "password": PASSWORD, **fields})
    assert answer.status_code in (400, 401)
    assert client.get("/").status_code == 302
    if answer.status_code == 401:
        assert "The user name or the password is wrong." in answer.content.decode()
        assert f'value="{fields.get("username", "requester")}"' in answer.content.decode()


def test_the_password_is_never_sent_back(world: World) -> None:
    assert "a wrong guess" not in log_in(Client(), "a wrong guess").content.decode()


def test_too_many_wrong_passwords_are_refused_before_they_are_looked_at(world: World) -> None:
    for _ in range(NAME_LIMIT):
        log_in(Client(), "wrong")
    answer = log_in(Client())
    assert answer.status_code == 429
    assert int(answer.headers["Retry-After"]) > 0
    assert "Too many wrong passwords" in answer.content.decode()


@pytest.mark.parametrize(
    ("wanted", "target"),
    [
        ("/workflow/my?tab=created", "/workflow/my?tab=created"),
        ("https://elsewhere.example.com/", "/"),
        ("//elsewhere.example.com/", "/"),
        ("/\\elsewhere.example.com", "/"),
        ("javascript:alert(1)", "/"),
        ("relative", "/"),
    ],
)
def test_it_leads_on_only_to_own_pages(world: World, wanted: str, target: str) -> None:
    assert log_in(Client(), next=wanted).headers["Location"] == target


def test_a_page_behind_the_door_is_shown_after_the_log_in(world: World) -> None:
    client = Client()
    door = client.get("/workflow/my?tab=created", follow=True)
    assert '<input type="hidden" name="next" value="/workflow/my?tab=created">' in door.content.decode()


def test_a_session_from_before_the_log_in_gets_another_key(world: World) -> None:
    """Whoever planted it must not be logged in with it."""
    client = Client()
    planted = client.session
    planted["planted"] = True
    planted.save()
    log_in(client)
    assert client.session.session_key not in (None, planted.session_key)


def test_log_out_is_a_post_and_ends_the_session(visit: Visitors) -> None:
    client = visit("requester")
    assert client.get("/logout").status_code == 405
    assert client.post("/logout").headers["Location"] == "/login"
    assert client.get("/").status_code == 302
    assert AuditEntry.objects.filter(operation=Operation.LoggedOut).count() == 1


def test_a_new_password_ends_sessions(visit: Visitors, world: World) -> None:
    client = visit("requester")
    world.requester.set_password("another password")
    world.requester.save()
    assert client.get("/").status_code == 302


def test_who_is_disabled_is_out_at_once(visit: Visitors, world: World) -> None:
    client = visit("requester")
    User.objects.filter(pk=world.requester.pk).update(is_active=False)
    assert client.get("/").status_code == 302
    assert log_in(Client()).status_code == 401


def test_what_was_sent_after_the_session_ended_is_said_to_be_lost_when_it_is(world: World) -> None:
    client = Client()
    answer = client.post("/enroll/csr", {"csr": "x" * 200_000}, follow=True)
    assert answer.redirect_chain == [("/login?next=%2Fenroll%2Fcsr", 302)]
    assert "Your session had ended, so nothing was sent." in answer.content.decode()


def test_a_form_without_its_token_is_refused_with_advice(world: World) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(world.requester)
    answer = client.post("/enroll/csr", {"csr": "something"})
    assert answer.status_code == 403
    assert "Please send the form again" in answer.content.decode()
