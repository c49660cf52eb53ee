"""Single sign-on against a real OpenID Connect provider."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.http import HttpResponse
from django.test import Client
from pytest_django import Settings

from config.env import SettingError
from config.sso import Issuer, issuer
from tests.issuer import PERSON, consent, knows, running_issuer
from tests.portal.test_held_forms import fields
from tests.world import World
from workflows.models import AuditEntry, Role, User
from workflows.vocabulary.auditing import Operation


@pytest.fixture(scope="module")
def issuer_url() -> Iterator[str]:
    with running_issuer() as url:
        yield url


@pytest.fixture
def offered(world: World, settings: Settings, issuer_url: str) -> World:
    User.objects.filter(pk=world.requester.pk).update(email="Requester@example.com")
    configure(settings, issuer_url)
    return world


def configure(settings: Settings, url: str, **changes: Any) -> None:
    values = {"name": "Example directory", "role_claim": "", "creates_users": False, **changes}
    settings.OIDC = Issuer(url, "countersign", "a secret of tests", **values)
    settings.PUBLIC_URL = "http://testserver"


def come_back(client: Client, url: str, claims: dict[str, Any], *, start: str = "/login/sso") -> HttpResponse:
    """Through the issuer and back to us."""
    away = client.get(start)["Location"]
    return client.get(consent(away, sub=knows(url, claims)))


def test_without_an_issuer_there_is_nothing_of_it(world: World, client: Client) -> None:
    assert "Log in with" not in client.get("/login").content.decode()
    assert client.get("/login/sso").status_code == client.get("/login/sso/callback").status_code == 404


def test_a_verified_e_mail_opens_the_portal(offered: World, issuer_url: str, client: Client) -> None:
    page = client.get("/login?next=/certificates").content.decode()
    assert "Log in with Example directory" in page
    assert 'href="/login/sso?next=%2Fcertificates"' in page
    answer = come_back(client, issuer_url, PERSON, start="/login/sso?next=/certificates")
    assert answer["Location"] == "/certificates"
    assert client.get("/").status_code == 200
    entry = AuditEntry.objects.get(operation=Operation.LoggedIn)
    assert entry.user_name == offered.requester.account_name
    assert entry.after == {"Address": "127.0.0.1", "Way": "Single sign-on"}


def test_a_form_that_came_too_late_goes_the_whole_way(
    offered: World, issuer_url: str, client: Client
) -> None:
    typed = {"template": "WebServer", "csr": "typed before the session ended"}
    late = client.post("/enroll/csr", typed)
    assert "Log in with Example directory" in late.text
    onward = client.post("/login/sso", fields(late, "/login/sso")).text
    start = re.findall(r'href="(/login/sso[^"]*)"', onward)[0]
    back = come_back(client, issuer_url, PERSON, start=start)
    assert "You are back" in back.text
    assert fields(back, "/enroll/csr") == typed
    client.post("/logout")
    again = come_back(client, issuer_url, PERSON)
    assert again.status_code == 302, "it is shown once"


@pytest.mark.parametrize("held", ["", "nonsense", "x" * 10_000])
def test_a_form_that_we_did_not_seal_is_not_kept(offered: World, client: Client, held: str) -> None:
    assert client.post("/login/sso", {"held": held, "next": "https://evil.example"}).status_code == 200
    assert "held" not in client.session


def test_the_request_carries_a_challenge_and_our_own_address(offered: World, client: Client) -> None:
    asked = parse_qs(urlsplit(client.get("/login/sso?scope=more&process=connect")["Location"]).query)
    assert asked["code_challenge_method"] == ["S256"]
    assert asked["redirect_uri"] == ["http://testserver/login/sso/callback"]
    assert set(asked["scope"][0].split()) == {"openid", "profile", "email"}


@pytest.mark.parametrize("name", ["requester", "COUNTERSIGN\\Requester"])
def test_so_does_the_preferred_name(offered: World, issuer_url: str, client: Client, name: str) -> None:
    come_back(client, issuer_url, {"sub": "1", "preferred_username": name})
    assert client.get("/").status_code == 200


@pytest.mark.parametrize(
    "claims",
    [
        {**PERSON, "email_verified": False},
        {**PERSON, "email_verified": "true"},
        {**PERSON, "email": "nobody@example.com"},
        {"sub": "1"},
    ],
)
def test_who_is_not_known_stays_outside(
    offered: World, issuer_url: str, client: Client, claims: dict[str, Any]
) -> None:
    answer = come_back(client, issuer_url, claims)
    assert answer.status_code == 401
    assert "Nobody here has your name or e-mail address" in answer.content.decode()
    assert client.get("/").status_code == 302


@pytest.mark.parametrize("change", [{"is_active": False}, {"is_service": True}])
def test_disabled_users_and_services_stay_outside(
    offered: World, issuer_url: str, client: Client, change: dict[str, bool]
) -> None:
    User.objects.filter(pk=offered.requester.pk).update(**change)
    assert come_back(client, issuer_url, PERSON).status_code == 401
    assert client.get("/").status_code == 302
    assert not AuditEntry.objects.filter(operation=Operation.LoggedIn).exists()


def test_an_address_of_two_users_is_nobodys(offered: World, issuer_url: str, client: Client) -> None:
    User.objects.filter(username="approver").update(email="requester@example.com")
    assert "Several users" in come_back(client, issuer_url, PERSON).content.decode()


def test_strangers_become_users_where_that_is_wanted(
    offered: World, issuer_url: str, client: Client, settings: Settings
) -> None:
    configure(settings, issuer_url, creates_users=True)
    come_back(client, issuer_url, {"sub": "1", "preferred_username": "newcomer", "name": "New Comer"})
    made = User.objects.get(username="newcomer")
    assert (made.full_name, made.has_usable_password(), made.roles.count()) == ("New Comer", False, 0)
    assert client.get("/").status_code == 200


def test_the_issuer_gives_and_takes_roles(
    offered: World, issuer_url: str, client: Client, settings: Settings
) -> None:
    configure(settings, issuer_url, role_claim="groups")
    Role.objects.create(name="Auditors")
    come_back(client, issuer_url, {**PERSON, "groups": ["auditors", "No such role"]})
    assert set(offered.requester.roles.values_list("name", flat=True)) == {"Auditors"}
    come_back(client, issuer_url, PERSON)
    assert not offered.requester.roles.exists()


def test_the_last_administrator_stays_one(
    offered: World, issuer_url: str, client: Client, settings: Settings
) -> None:
    configure(settings, issuer_url, role_claim="groups")
    role = Role.objects.get(immutable=True)
    role.members.set([offered.requester])
    come_back(client, issuer_url, {**PERSON, "groups": []})
    assert list(role.members.all()) == [offered.requester]
    assert client.get("/").status_code == 200


def test_an_answer_that_was_not_asked_for_is_refused(offered: World, issuer_url: str, client: Client) -> None:
    """Nobody can push a person into another one's session."""
    back = consent(Client().get("/login/sso")["Location"], sub=knows(issuer_url, PERSON))
    assert client.get(back).status_code == 401
    assert client.get("/").status_code == 302


def test_an_answer_counts_once(offered: World, issuer_url: str, client: Client) -> None:
    back = consent(client.get("/login/sso")["Location"], sub=knows(issuer_url, PERSON))
    assert client.get(back).status_code == 302
    assert client.get(back).status_code == 401


def test_who_says_no_at_the_issuer_reads_so(offered: World, client: Client) -> None:
    answer = client.get(consent(client.get("/login/sso")["Location"], action="deny"))
    assert answer.status_code == 401
    assert "was not completed" in answer.content.decode()


def test_an_issuer_that_is_away_leaves_the_password(world: World, settings: Settings, client: Client) -> None:
    configure(settings, "http://127.0.0.1:1")
    answer = client.get("/login/sso")
    assert answer.status_code == 503
    assert "Example directory cannot be reached now." in answer.content.decode()


def test_nothing_is_sent_without_tls(world: World, settings: Settings, client: Client) -> None:
    configure(settings, "http://issuer.example.com")
    assert client.get("/login/sso").status_code == 503


@pytest.mark.parametrize(
    ("url", "client_id"),
    [
        ("http://issuer.example.com", "countersign"),
        ("issuer.example.com", "countersign"),
        ("https://i.example", ""),
    ],
)
def test_half_an_issuer_is_no_setting(url: str, client_id: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OIDC_ISSUER_URL", url)
    monkeypatch.setenv("OIDC_CLIENT_ID", client_id)
    with pytest.raises(SettingError, match="OIDC_"):
        issuer()
