"""What people send that no form wants: named plainly, and never a fault of ours."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.test import Client
from django.urls import reverse

from tests.portal.conftest import Visitors
from workflows.models import User

if TYPE_CHECKING:
    from tests.world import World

UPLOADS = {"enroll_csr": "csr_file", "definition_import": "file", "script_new": "file"}


@pytest.mark.parametrize("place", UPLOADS)
def test_a_request_of_300_megabytes_is_refused_before_it_is_read(admin: Client, place: str) -> None:
    """Its length is announced, and that is enough."""
    answer = admin.generic(
        "POST",
        reverse(f"portal:{place}"),
        b"--b--",
        content_type="multipart/form-data; boundary=b",
        CONTENT_LENGTH=str(300 * 1024 * 1024),
    )
    assert answer.status_code == 413
    assert "This is too large" in answer.text
    assert "What was sent is larger than" in answer.text


def test_a_page_that_was_open_too_long_says_what_to_do(visit: Visitors) -> None:
    client = Client(enforce_csrf_checks=True)
    client.cookies = visit("requester").cookies
    answer = client.post(reverse("portal:enroll_csr"), {"template": "WebServer"})
    assert answer.status_code == 403
    assert "Please send the form again" in answer.text
    assert "nothing was changed" in answer.text


def test_an_expired_session_is_said_at_the_log_in(visit: Visitors) -> None:
    client, address = visit("requester"), reverse("portal:account_time_zone")
    client.session.flush()
    answer = client.post(address, {"csrfmiddlewaretoken": "x"}, follow=True)
    assert answer.redirect_chain == [(f"/login?next={address.replace('/', '%2F')}", 302)]
    assert "Your session had ended, so nothing was sent." in answer.text


def test_pages_of_an_expired_session_come_back_after_the_log_in(world: World) -> None:
    client = Client()
    assert client.get("/workflow/my?tab=created").headers["Location"] == (
        "/login?next=%2Fworkflow%2Fmy%3Ftab%3Dcreated"
    )
    given = {"username": "requester", "password": "a password of tests", "next": "/workflow/my?tab=created"}
    assert client.post("/login", given).headers["Location"] == "/workflow/my?tab=created"


@pytest.fixture
def admin(world: World) -> Client:
    client = Client()
    client.force_login(User.objects.get(roles__immutable=True))
    return client
