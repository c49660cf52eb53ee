"""`healthcheck`, `prepare` and the `migrate` that waits for its turn."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from pytest_django import Settings

from workflows.management import readiness
from workflows.management.commands.migrate import _LOCK
from workflows.models import User


@pytest.mark.django_db
def test_healthcheck_fails_with_the_reason(capsys: pytest.CaptureFixture[str]) -> None:
    readiness.broker().delete(readiness.WORKER_KEY)
    with pytest.raises(CommandError, match="worker: none was seen"):
        call_command("healthcheck")
    readiness.broker().set(readiness.WORKER_KEY, 1)
    call_command("healthcheck")
    assert capsys.readouterr().out == "ready\n"


@pytest.mark.django_db(transaction=True)
def test_migrate_waits_for_the_one_before() -> None:
    done = threading.Event()

    def migrate() -> None:
        call_command("migrate", verbosity=0)
        connection.close()
        done.set()

    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [_LOCK])
        second = threading.Thread(target=migrate)
        second.start()
        assert not done.wait(0.5)
        cursor.execute("SELECT pg_advisory_unlock(%s)", [_LOCK])
    second.join(30)
    assert done.is_set()


@pytest.mark.django_db
def test_migrate_leaves_the_sessions_limits_as_they_were() -> None:
    call_command("migrate", verbosity=0)
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('statement_timeout'), current_setting('lock_timeout')")
        assert cursor.fetchone() == ("30s", "5s")


@pytest.mark.django_db
def test_prepare_makes_what_a_start_needs(tmp_path: Path, settings: Settings) -> None:
    settings.DATA, settings.STATIC_ROOT = tmp_path, tmp_path / "static"
    for _ in range(2):
        call_command("prepare", verbosity=0)
    assert (tmp_path / "first-login.json").is_file()
    assert (settings.STATIC_ROOT / "app.css").is_file()
    assert User.objects.filter(is_active=True).exists()
