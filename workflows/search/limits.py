"""What no list may exceed, whatever it is asked: time, and one core."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from django.db import OperationalError, connection, transaction
from psycopg.errors import QueryCanceled

from workflows.errors import SearchTooBroad

_LIMIT = """
    SELECT set_config('statement_timeout', %s, true), set_config('max_parallel_workers_per_gather', '0', true)
"""


class TimeIsOver(Exception):
    """Several statements together took longer than one may."""


@contextmanager
def limited(narrowing: str = "by one more field") -> Iterator[None]:
    """A transaction in which each statement ends after SEARCH_TIMEOUT seconds, without parallel workers.

    Raises SearchTooBroad when one does, or when something inside raises TimeIsOver, with the advice
    `narrowing`, which is that of the list's fields.
    """
    try:
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute(_LIMIT, [f"{settings.SEARCH_TIMEOUT}s"])
            yield
    except TimeIsOver:
        raise SearchTooBroad.after(settings.SEARCH_TIMEOUT, narrowing) from None
    except OperationalError as error:
        if isinstance(error.__cause__, QueryCanceled):
            raise SearchTooBroad.after(settings.SEARCH_TIMEOUT, narrowing) from None
        raise
