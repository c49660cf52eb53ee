"""`manage.py purge`: by the settings or by arguments, for real or only counted."""

from __future__ import annotations

from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from tests import builders
from workflows.models import AuditEntry, Instance
from workflows.vocabulary.statuses import InstanceStatus

pytestmark = pytest.mark.django_db


def run(*arguments: str) -> str:
    out = StringIO()
    call_command("purge", *arguments, stdout=out)
    return out.getvalue()


@pytest.fixture(autouse=True)
def old_instances() -> None:
    version, then = builders.publish(builders.noops(2)), timezone.now() - timedelta(days=50)
    for _ in range(2):
        builders.run(version)
    failed = builders.run(version)
    Instance.objects.update(started_at=then, modified_at=then)
    Instance.objects.filter(pk=failed.pk).update(status=InstanceStatus.Failed)


def test_without_an_age_nothing_is_old() -> None:
    assert "No instance is ever old" in run()
    assert Instance.objects.count() == 3


def test_a_dry_run_counts_and_deletes_nothing() -> None:
    said = run("--dry-run", "--days", "49")
    assert "would be deleted: 2 Complete, 1 Failed." in said
    assert "0 audit entries would be removed." in said
    assert Instance.objects.count() == 3
    assert not AuditEntry.objects.exists()


def test_it_deletes_and_the_audit_log_names_the_operator() -> None:
    assert "deleted: 1 Failed." in run("--days", "49", "--status", "Failed")
    assert "deleted: 2 Complete." in run("--days", "49")
    assert "deleted: none." in run("--days", "49")
    assert {entry.user_name[:12] for entry in AuditEntry.objects.all()} == {"Command line"}
    assert AuditEntry.objects.count() == 2


@pytest.mark.parametrize("days", ["0", "-1", "many", "99999", "", " "])
def test_a_wrong_age_is_refused(days: str) -> None:
    with pytest.raises(CommandError, match="whole number from 1 to 36500"):
        run("--days", days)
    assert Instance.objects.count() == 3


def test_a_status_that_is_not_finished_is_refused() -> None:
    with pytest.raises(CommandError, match="Running"):
        run("--status", "Running")
