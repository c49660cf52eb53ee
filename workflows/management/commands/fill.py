"""`manage.py fill`: a database as large as those of large installations, to try lists and measures on."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from workflows.management.filling.fill import Wanted, fill
from workflows.models import Instance, PendingSignal, StepRun


class Command(BaseCommand):
    help = "Fill an empty database with people, definitions and a million instances that never ran."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--instances", type=int, default=1_000_000)
        parser.add_argument("--step-runs", type=int, help="At least so many; ten an instance unless given.")
        parser.add_argument(
            "--pending", type=int, help="Pending signals; a tenth of the instances unless given."
        )
        parser.add_argument("--yes", action="store_true", help="This database is meant for it.")
        parser.add_argument("--force", action="store_true", help="Also where there are instances already.")

    def handle(self, *args: Any, **options: Any) -> None:
        wanted = _wanted(options)
        if not options["yes"]:
            raise CommandError(
                "What is made cannot be told from real instances. Say --yes if that is wanted."
            )
        if Instance.objects.exists() and not options["force"]:
            raise CommandError("There are instances in this database. Use another one, or --force.")
        for done in fill(wanted):
            self.stdout.write(f"{done:,} of {wanted.instances:,} instances", ending="\r")
        counts = ", ".join(f"{model.objects.count():,}" for model in (Instance, StepRun, PendingSignal))
        self.stdout.write(f"\nInstances, step runs, pending signals: {counts}")


def _wanted(options: dict[str, Any]) -> Wanted:
    instances = options["instances"]
    runs, pending = options["step_runs"], options["pending"]
    wanted = Wanted(
        instances,
        instances * 10 if runs is None else runs,
        instances // 10 if pending is None else pending,
    )
    if instances < 1 or not 0 <= wanted.pending <= instances or wanted.step_runs < instances:
        raise CommandError(
            "There are at most as many pending signals and at least as many step runs as instances."
        )
    return wanted
