"""`manage.py create_administrator NAME`: one more administrator, where no other can make one."""

from __future__ import annotations

import secrets
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from workflows.actions import roles, users
from workflows.actions.seeding import ADMINISTRATOR
from workflows.encryption import Secret
from workflows.errors import DomainError
from workflows.management.operators import operator
from workflows.models import Role, User


class Command(BaseCommand):
    help = "Make a user who may do everything, with a random password, which is shown once."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name")

    def handle(self, *args: Any, name: str, **options: Any) -> None:
        password = Secret(secrets.token_urlsafe(15))
        try:
            user = _create(name, password)
        except DomainError as error:
            raise CommandError(error.message) from None
        self.stdout.write(f"{user.account_name} is an administrator with the password {password.reveal()}")


@transaction.atomic
def _create(name: str, password: Secret[str]) -> User:
    actor = operator()
    user = users.create(actor=actor, account_name=name, password=password)
    role = Role.objects.get(name=ADMINISTRATOR, immutable=True)
    roles.update(role.pk, actor=actor, members=[*role.members.all(), user])
    return user
