"""`manage.py reset_password NAME`: a new random password for somebody who has lost his."""

from __future__ import annotations

import secrets
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from workflows.actions import roles, users
from workflows.encryption import Secret
from workflows.errors import DomainError
from workflows.management.operators import operator


class Command(BaseCommand):
    help = "Give a user a new random password, which is shown once; his sessions end."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name")

    def handle(self, *args: Any, name: str, **options: Any) -> None:
        password = Secret(secrets.token_urlsafe(15))
        try:
            [user] = roles.users_named([name])
            users.set_password(user.pk, password, actor=operator())
        except DomainError as error:
            raise CommandError(error.message) from None
        self.stdout.write(f"{user.account_name} has the password {password.reveal()} from now on.")
        if not user.is_active:
            self.stdout.write("He is disabled and cannot log in; an administrator can enable him.")
