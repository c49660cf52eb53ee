"""Domain errors as the portal answers them: one status for each kind, flash messages, errors at fields."""

from __future__ import annotations

from collections.abc import Mapping

from django.forms import BaseForm

from workflows.errors import DomainError, Kind

STATUSES: dict[Kind, int] = {
    Kind.INVALID: 400,
    Kind.UNAUTHENTICATED: 401,
    Kind.FORBIDDEN: 403,
    Kind.NOT_FOUND: 404,
    Kind.CONFLICT: 409,
    Kind.TOO_LARGE: 413,
    Kind.THROTTLED: 429,
    Kind.UNAVAILABLE: 503,
    Kind.FAULT: 500,
}


def status_of(error: DomainError) -> int:
    return STATUSES[error.kind]


def blame(form: BaseForm, error: DomainError, fields: Mapping[type[DomainError], str]) -> None:
    """Put the error's words at the field that `fields` names for its class, else above the form."""
    field = next((name for kind, name in fields.items() if isinstance(error, kind)), None)
    form.add_error(field, str(error))
