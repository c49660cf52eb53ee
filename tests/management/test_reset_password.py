"""`reset_password`: the new password works, the old one and the throttle are gone, the log knows of it."""

from __future__ import annotations

import re

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from workflows.access import passwords, throttling
from workflows.errors import NotAuthenticated, TooManyAttempts
from workflows.models import AuditEntry, User
from workflows.vocabulary.auditing import Operation


def log_in(password: str) -> User:
    return passwords.verify("admin", password, address="127.0.0.1", now=timezone.now())


def shown(capsys: pytest.CaptureFixture[str]) -> str:
    found = re.search(r"has the password (\S+) from now on", capsys.readouterr().out)
    assert found
    return found[1]


@pytest.mark.usefixtures("root_key_file")
@pytest.mark.parametrize("name", ["admin", "ADMIN", r"COUNTERSIGN\admin"])
def test_a_locked_out_administrator_gets_in_again(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    for _ in range(throttling.NAME_LIMIT):
        with pytest.raises(NotAuthenticated):
            log_in("a wrong guess")
    with pytest.raises(TooManyAttempts):
        log_in("a wrong guess")
    call_command("reset_password", name)
    assert log_in(shown(capsys)).username == "admin"
    entry = AuditEntry.objects.get(operation=Operation.Reset)
    assert (entry.audit_identifier, entry.after) == (r"COUNTERSIGN\admin", {"password": "replaced"})
    assert entry.user_name.startswith("Command line (")


@pytest.mark.usefixtures("root_key_file")
def test_the_old_password_ends(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("reset_password", "admin")
    first = shown(capsys)
    call_command("reset_password", "admin")
    assert shown(capsys) != first
    with pytest.raises(NotAuthenticated):
        log_in(first)


@pytest.mark.usefixtures("root_key_file")
def test_a_disabled_user_stays_disabled(capsys: pytest.CaptureFixture[str]) -> None:
    User.objects.create_user("gone", "a password of tests", is_active=False)
    call_command("reset_password", "gone")
    assert "cannot log in" in capsys.readouterr().out


@pytest.mark.django_db
def test_an_unknown_name_is_refused() -> None:
    with pytest.raises(CommandError, match="There is no user named nobody"):
        call_command("reset_password", "nobody")
