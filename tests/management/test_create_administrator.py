"""`create_administrator`: a way in when no administrator is left, and nothing half done."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from tests import builders
from workflows.access import passwords
from workflows.models import AuditEntry, Role, User
from workflows.vocabulary.permissions import Permission


def test_the_new_one_may_do_everything(root_key_file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("create_administrator", "grace")
    found = re.search(r"COUNTERSIGN\\grace is .* password (\S+)$", capsys.readouterr().out.strip())
    assert found
    user = passwords.verify("grace", found[1], address="127.0.0.1", now=timezone.now())
    assert builders.actor(user).may(Permission.ALL)
    assert Role.objects.get(immutable=True).members.count() == 2
    entries = AuditEntry.objects.filter(user_name__startswith="Command line (")
    assert [entry.audit_identifier for entry in entries.order_by("pk")] == [
        r"COUNTERSIGN\grace",
        "Administrator",
    ]


@pytest.mark.parametrize(("name", "reason"), [("admin", "another user named admin"), ("a b", "AccountName")])
def test_a_taken_or_malformed_name_makes_nobody(root_key_file: Path, name: str, reason: str) -> None:
    with pytest.raises(CommandError, match=reason):
        call_command("create_administrator", name)
    assert User.objects.count() == 1
