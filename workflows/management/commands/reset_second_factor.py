"""`manage.py reset_second_factor NAME`: for somebody who lost his authenticator app and recovery codes."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from workflows.actions import roles, second_factors
from workflows.errors import DomainError
from workflows.management.operators import operator


class Command(BaseCommand):
    help = "Take a user's second factor away, so that his password is enough until he adds another one."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name")

    def handle(self, *args: Any, name: str, **options: Any) -> None:
        try:
            [user] = roles.users_named([name])
        except DomainError as error:
            raise CommandError(error.message) from None
        if second_factors.reset(user, actor=operator()):
            self.stdout.write(f"{user.account_name} logs in with the password alone from now on.")
        else:
            self.stdout.write(f"{user.account_name} has no second factor.")
