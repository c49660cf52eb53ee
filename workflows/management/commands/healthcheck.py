"""`manage.py healthcheck`: the answer of `/readyz` as an exit status, for containers without a web server."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from workflows.management.readiness import problems


class Command(BaseCommand):
    help = "Check that database, migrations, broker and a worker are there."
    requires_system_checks = []

    def handle(self, *args: Any, **options: Any) -> None:
        if found := problems():
            raise CommandError("; ".join(f"{part}: {problem}" for part, problem in found.items()))
        self.stdout.write("ready")
