"""Counts of wrong passwords, kept before any hashing: guessing must cost the guesser, not the server."""

from __future__ import annotations

import hashlib
import ipaddress
import math
from datetime import datetime, timedelta

from django.db import connection
from django.db.models import F

from workflows.errors import TooManyAttempts
from workflows.models import LoginFailures
from workflows.models.people import bare_name

WINDOW = timedelta(minutes=15)
NAME_LIMIT = 10
ADDRESS_LIMIT = 100  # many people may share the address of one office

# One statement, so that attempts at the same instant are all counted.
_COUNT = """
INSERT INTO workflows_loginfailures AS held (subject, count, window_started_at)
VALUES (%(subject)s, 1, %(now)s) ON CONFLICT (subject) DO UPDATE SET
    count = CASE WHEN held.window_started_at <= %(expired)s THEN 1 ELSE held.count + 1 END,
    window_started_at = CASE WHEN held.window_started_at <= %(expired)s THEN %(now)s
        ELSE held.window_started_at END
RETURNING count, window_started_at
"""


class Attempt:
    """One look at a password, counted as wrong until `succeeded` takes it back. Raises TooManyAttempts."""

    def __init__(self, username: str, address: str, now: datetime) -> None:
        self._name = _name_subject(username)
        self._address = _subject("address", _network(address))
        _count(self._address, ADDRESS_LIMIT, now)
        _count(self._name, NAME_LIMIT, now)

    def succeeded(self) -> None:
        LoginFailures.objects.filter(subject=self._name).delete()
        LoginFailures.objects.filter(subject=self._address, count__gt=0).update(count=F("count") - 1)


def forgive(username: str) -> None:
    """Forget the wrong passwords for a name, as when its password is replaced."""
    LoginFailures.objects.filter(subject=_name_subject(username)).delete()


def forget_expired(now: datetime) -> int:
    """Delete counts whose window is over; returns how many."""
    return LoginFailures.objects.filter(window_started_at__lte=now - WINDOW).delete()[0]


def _count(subject: str, limit: int, now: datetime) -> None:
    with connection.cursor() as cursor:
        cursor.execute(_COUNT, {"subject": subject, "now": now, "expired": now - WINDOW})
        count, started = cursor.fetchone()
    if count > limit:
        seconds = max(1, math.ceil((started + WINDOW - now).total_seconds()))
        raise TooManyAttempts(
            f"Too many wrong passwords. Try again in {math.ceil(seconds / 60)} minute(s).",
            retry_after=seconds,
        )


def _name_subject(username: str) -> str:
    return _subject("name", bare_name(username).casefold())


def _subject(kind: str, text: str) -> str:
    """A hash: any text a caller sends fits the column, and the table names nobody."""
    return f"{kind}:{hashlib.sha256(text.encode('utf-8', 'surrogatepass')).hexdigest()}"


def _network(address: str) -> str:
    """An IPv6 caller owns 64 bits of addresses (RFC 6177), so they count as one."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return address
    return str(ipaddress.ip_network((found, 64), strict=False)) if found.version == 6 else str(found)
