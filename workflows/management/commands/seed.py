"""`manage.py seed`: what a fresh installation needs, made where it is missing."""

from __future__ import annotations

import json
import os
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from workflows.actions import seeding


class Command(BaseCommand):
    help = (
        "Make the first administrator, the built-in CA, the templates and the global workflows where missing."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        login = seeding.seed(settings.DATA / "root-ca" / "root-ca.key.pem")
        if login is not None:
            self._write(login)

    def _write(self, login: seeding.FirstLogin) -> None:
        """The only place where the first password stands, readable by its owner alone."""
        content = {"url": settings.PUBLIC_URL, "username": login.username, "password": login.password}
        path = settings.DATA / "first-login.json"
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            json.dump(content, file)
