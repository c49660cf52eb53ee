"""Audit entries in words."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse
from django.utils.http import urlencode

from workflows.models import AuditEntry
from workflows.search.syntax import And, Comparison, Operator, to_text
from workflows.vocabulary.auditing import Category, Operation

_WORD = re.compile(r"(?<=[a-z])(?=[A-Z])")


@dataclass(frozen=True)
class Entry:
    id: int
    at: datetime
    person: str
    operation: str
    text: str


def entries(rows: Iterable[AuditEntry], *, names: bool = True) -> list[Entry]:
    """Who did what when; `names` adds to what it was done, which the page of one object need not say."""
    return [
        Entry(
            id=each.pk,
            at=each.timestamp,
            person=each.user_name,
            operation=operation_name(each.operation),
            text=f"{category_name(each.category)} {each.audit_identifier}" if names else _detail(each),
        )
        for each in rows
    ]


def url_of_all(category: Category, identifier: object) -> str:
    """The audit log with the entries about one object alone."""
    query = And(
        (
            Comparison("ImmutableIdentifier", Operator.EQ, str(identifier)),
            Comparison("Category", Operator.EQ, category.name),
        )
    )
    return f"{reverse('portal:audit_log')}?{urlencode({'query': to_text(query)})}"


def operation_name(number: int) -> str:
    """`Removed from hold` for 14."""
    return _words(Operation(number).name) if number in set(Operation) else str(number)


def category_name(number: int) -> str:
    """`Workflow instance` for 3002."""
    return _words(Category(number).name) if number in set(Category) else str(number)


def _words(name: str) -> str:
    return _WORD.sub(" ", name).capitalize()


def _detail(entry: AuditEntry) -> str:
    """A decision's step and comment; other entries speak for themselves."""
    after = entry.after or {}
    return " · ".join(str(after[key]) for key in ("Step", "Comment") if after.get(key))
