"""`manage.py demo`: people, definitions and instances to look at; needs a running worker."""

from __future__ import annotations

import json
import os
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from workflows.actions import demonstration


class Command(BaseCommand):
    help = "Add the demonstration's people, a definition that needs two approvals, instances in every status."

    def handle(self, *args: Any, **options: Any) -> None:
        shown = demonstration.demonstrate()
        if shown is None:
            self.stdout.write("The demonstration is there already; its log-ins are in demo-logins.json.")
            return
        path = settings.DATA / "demo-logins.json"
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            json.dump({"usernames": shown.usernames, "password": shown.password}, file)
        self.stdout.write(f"Demonstration: log in as {', '.join(shown.usernames)}, password {shown.password}")
