"""`manage.py publish_root_crl --key FILE`: the root's CRL for another year, signed with its key."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from workflows.actions import root_crls
from workflows.errors import DomainError
from workflows.management.operators import operator
from workflows.pki import keys


class Command(BaseCommand):
    help = "Sign a new CRL of a root CA with its private key, which is read once and kept nowhere."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--key", type=Path, required=True, metavar="FILE", help="unencrypted, PEM or DER")

    def handle(self, *args: Any, key: Path, **options: Any) -> None:
        try:
            root_key = keys.load_private(key.read_bytes())
            crl = root_crls.publish(root_key, actor=operator(), now=timezone.now())
        except OSError as error:
            raise CommandError(f"{key} cannot be read: {error.strerror}.") from None
        except DomainError as error:
            raise CommandError(error.message) from None
        self.stdout.write(
            f"{crl.authority}: CRL number {crl.number} is valid until {crl.next_update:%Y-%m-%d}."
        )
