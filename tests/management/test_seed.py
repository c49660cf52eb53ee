"""`seed`: the first log-in is written once, for its owner alone, and a second run changes nothing."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from django.core.management import call_command
from django.utils import timezone
from pytest_django import Settings

from tests import builders
from workflows.access import passwords
from workflows.models import AuditEntry, CertificateAuthority, CertificateTemplate, Definition, User
from workflows.vocabulary.permissions import Permission

pytestmark = pytest.mark.django_db


@pytest.fixture
def data(tmp_path: Path, settings: Settings) -> Path:
    settings.DATA = tmp_path
    call_command("seed")
    return tmp_path


def test_the_first_login_works_and_may_do_everything(data: Path) -> None:
    file = data / "first-login.json"
    login = json.loads(file.read_text())
    assert file.stat().st_mode & 0o777 == 0o600
    assert set(login) == {"url", "username", "password"}
    user = passwords.verify(login["username"], login["password"], address="127.0.0.1", now=timezone.now())
    assert builders.actor(user).may(Permission.ALL)


def test_the_roots_key_lies_apart_and_is_in_no_row(data: Path) -> None:
    file = data / "root-ca" / "root-ca.key.pem"
    assert file.stat().st_mode & 0o777 == 0o600
    assert file.parent.stat().st_mode & 0o777 == 0o700
    root = CertificateAuthority.objects.get(crl_path="root-ca")
    assert (root.private_key, root.is_enabled, root.crls.count()) == (None, False, 1)


def test_a_second_run_changes_nothing(data: Path) -> None:
    def state() -> list[int]:
        models = (User, CertificateAuthority, CertificateTemplate, Definition, AuditEntry)
        return [model.objects.count() for model in models]

    before, login = state(), (data / "first-login.json").read_bytes()
    call_command("seed")
    assert (state(), (data / "first-login.json").read_bytes()) == (before, login)
