"""Names that are taken: the database knows, this says it in words."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import IntegrityError, transaction
from psycopg.errors import UniqueViolation

from workflows.errors import DuplicateKey


@contextmanager
def refused_when_taken(constraint: str, message: str) -> Iterator[None]:
    """Raises DuplicateKey with `message` when what is saved inside breaks the named unique constraint."""
    try:
        with transaction.atomic():
            yield
    except IntegrityError as error:
        cause = error.__cause__
        if isinstance(cause, UniqueViolation) and cause.diag.constraint_name == constraint:
            raise DuplicateKey(message) from error
        raise
