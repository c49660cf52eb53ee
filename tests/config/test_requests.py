"""What every answer carries, and the three pages for operators."""

from __future__ import annotations

import pytest
from django.core.management import call_command
from django.test import Client
from pytest_django.fixtures import Settings

from workflows.management import readiness

MINIMUM = "countersign_waiting_instances 0.0"


def test_an_answer_carries_the_callers_request_id_when_it_is_well_formed(client: Client) -> None:
    assert client.get("/healthz", headers={"X-Request-ID": "abc-123_4.5"})["X-Request-ID"] == "abc-123_4.5"
    made = client.get("/healthz", headers={"X-Request-ID": "<script>alert(1)</script>"})["X-Request-ID"]
    assert len(made) == 24


def test_an_answer_carries_a_policy_without_inline_code(client: Client) -> None:
    response = client.get("/healthz")
    assert "default-src 'self'" in response["Content-Security-Policy"]
    assert "unsafe" not in response["Content-Security-Policy"]
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["X-Frame-Options"] == "DENY"


def test_an_answer_is_kept_nowhere_unless_it_says_so(client: Client) -> None:
    assert client.get("/healthz")["Cache-Control"] == "no-store"
    assert "no-store" in client.get("/login")["Cache-Control"]
    assert client.get("/workflow/my")["Cache-Control"] == "no-store"


def test_the_process_is_healthy_without_a_database(client: Client) -> None:
    assert client.get("/healthz").json() == {"status": "ok"}


@pytest.mark.django_db
def test_readiness_names_what_is_missing(client: Client) -> None:
    readiness.broker().delete(readiness.WORKER_KEY)
    response = client.get("/readyz")
    assert response.status_code == 503
    assert list(response.json()["problems"]) == ["worker"]

    readiness.broker().set(readiness.WORKER_KEY, 1)
    response = client.get("/readyz")
    assert (response.status_code, response.json()) == (200, {"status": "ready"})


@pytest.mark.django_db
def test_a_dead_broker_shows(client: Client, settings: Settings) -> None:
    settings.REDIS_URL = "unix:///nowhere/valkey.sock"
    readiness.broker.cache_clear()
    try:
        assert client.get("/readyz").json()["problems"] == {"broker": "does not answer"}
    finally:
        readiness.broker.cache_clear()


@pytest.mark.django_db
def test_metrics_are_for_this_machine_or_for_the_token(client: Client, settings: Settings) -> None:
    assert MINIMUM in client.get("/metrics").text
    assert client.get("/metrics", REMOTE_ADDR="192.0.2.1").status_code == 403
    assert client.get("/metrics", REMOTE_ADDR="").status_code == 403
    assert client.get("/metrics", headers={"X-Forwarded-For": "192.0.2.1"}).status_code == 403
    settings.METRICS_TOKEN = "hunter2"
    assert client.get("/metrics").status_code == 403
    assert client.get("/metrics", headers={"Authorization": "Bearer hunter2"}).status_code == 200


@pytest.mark.django_db
def test_a_trusted_proxy_speaks_for_the_caller(client: Client, settings: Settings) -> None:
    settings.TRUST_PROXY = True
    settings.METRICS_TOKEN = ""
    forwarded = {"X-Forwarded-For": "192.0.2.7, 127.0.0.1"}
    assert client.get("/metrics", headers=forwarded, REMOTE_ADDR="192.0.2.1").status_code == 403


def test_nothing_is_left_to_say_about_a_deployment_by_https(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("DJANGO_ALLOW_ASYNC_UNSAFE", raising=False)  # of the browser tests
    settings.SECRET_KEY = "".join(map(chr, range(48, 123)))
    settings.SESSION_COOKIE_SECURE = settings.CSRF_COOKIE_SECURE = True  # by PUBLIC_URL
    call_command("check", deploy=True, fail_level="WARNING")
