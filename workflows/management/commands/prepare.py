"""`manage.py prepare`: what a release needs before it runs, by one process: each takes long to start."""

from __future__ import annotations

from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand


class Command(BaseCommand):
    help = "Migrate the database, make what is missing in it and collect the static files."

    def handle(self, *args: Any, **options: Any) -> None:
        call_command("migrate", interactive=False, verbosity=options["verbosity"])
        call_command("seed")
        call_command("collectstatic", interactive=False, verbosity=0)
