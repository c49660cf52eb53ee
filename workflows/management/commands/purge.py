"""`manage.py purge`: delete now what the application settings call old, or say what that would be."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from workflows.actions import aging, configured, purge_now, purging
from workflows.actions.purging import Rule
from workflows.audit import retention
from workflows.errors import InvalidInput
from workflows.management.operators import operator
from workflows.vocabulary.statuses import FINISHED, InstanceStatus

STATUSES = [each.name for each in InstanceStatus if each in FINISHED]


class Command(BaseCommand):
    help = "Delete finished workflow instances and audit entries that are older than the settings say."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="count, and delete nothing")
        parser.add_argument("--days", help="instances: instead of the setting PurgeAgeDays")
        parser.add_argument("--status", action="append", choices=STATUSES, help="may be given several times")

    def handle(self, *args: Any, dry_run: bool, days: str | None, status: list[str] | None, **_: Any) -> None:
        now = timezone.now()
        rule = _rule(days, status)
        if dry_run:
            self._survey(rule, now)
            return
        run = purging.purge(rule, actor=operator())
        self._tell(rule, run.counts, "deleted")
        removed = aging.forget_audit(now, actor=operator())
        self.stdout.write(f"{removed:,} audit entries removed.")

    def _survey(self, rule: Rule | None, now: datetime) -> None:
        self._tell(rule, purging.survey(rule).counts if rule else {}, "would be deleted")
        before = aging.audit_cutoff(now)
        count = retention.count_older(before) if before else 0
        self.stdout.write(f"{count:,} audit entries would be removed.")

    def _tell(self, rule: Rule | None, counts: Mapping[str, int], what: str) -> None:
        if rule is None:
            self.stdout.write("No instance is ever old: PurgeAgeDays is not set, and --days is not given.")
            return
        parts = ", ".join(f"{count:,} {name}" for name, count in sorted(counts.items())) or "none"
        self.stdout.write(f"Instances that ended before {rule.cutoff:%Y-%m-%d %H:%M} {what}: {parts}.")


def _rule(days: str | None, statuses: Sequence[str] | None) -> Rule | None:
    """As the options say, or the settings; an empty `--days` is a variable that a script forgot to set."""
    if days is not None and not days.strip():
        raise CommandError(
            "--days is empty: give a whole number from 1 to 36500, or leave it out for the setting."
        )
    try:
        age = configured.PURGE_AGE_DAYS.kind.parse(days) if days else None
    except InvalidInput as error:
        raise CommandError(f"--days {error}.") from None
    return purge_now.rule(age, ",".join(statuses or ()))
