"""Django's `migrate`, one at a time: two at once on one database would trip over each other."""

from __future__ import annotations

from typing import Any

from django.core.management.commands import migrate
from django.db import connections

# Any number will do, as long as nobody else locks the same one: "countersign" in ASCII, cut to eight bytes.
_LOCK = int.from_bytes(b"counters")


class Command(migrate.Command):
    def get_check_kwargs(self, options: dict[str, Any]) -> dict[Any, Any]:
        """Without the checks of the database: they read tables that this migration may be about to make."""
        return {}

    def handle(self, *args: Any, **options: Any) -> None:
        """Waits for its turn without limit; a migration's statements may run as long as they need."""
        with connections[options["database"]].cursor() as cursor:
            cursor.execute("SET statement_timeout = 0; SET lock_timeout = 0")
            cursor.execute("SELECT pg_advisory_lock(%s)", [_LOCK])
            cursor.execute("RESET lock_timeout")
            try:
                super().handle(*args, **options)
            finally:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [_LOCK])
                cursor.execute("RESET statement_timeout")
