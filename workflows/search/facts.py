"""Facts of the data bucket in queries: `Data.Template -eq "WebServer"` (docs/lists.md)."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any, ClassVar

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import JSONField, Lookup
from django.db.models.sql.compiler import SQLCompiler

from workflows.json_texts import MAX_DEPTH
from workflows.search.fields import Field
from workflows.search.kinds import Context, Kind, Matches, spelled_out
from workflows.search.syntax import Operator

_NAME = re.compile(r"data\.(?P<path>[^.]+(\.[^.]+)*)", re.IGNORECASE)
_LITERAL = re.compile(r"-?(0|[1-9][0-9]{0,30})(\.[0-9]{1,30})?|true|false", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Fact(Kind):
    """A value at a path of names, compared as it is written: the index knows nothing but equality."""

    path: tuple[str, ...]
    operators: ClassVar = frozenset({Operator.EQ})
    nullable: ClassVar = False

    def matches(self, operator: Operator, text: str, context: Context) -> Matches:
        meant = _meanings(spelled_out(text, context))
        return (("contains_one_of", tuple(self._document(value) for value in meant)),)

    def _document(self, value: Any) -> str:
        """The smallest document that has this value at the path, as JSON."""
        for name in reversed(self.path):
            value = {name: value}
        return json.dumps(value)


def fact(name: str, lookup: str) -> Field | None:
    """The field that `Data.<path>` names, in the JSON column `lookup`; None for any other name.

    None also for a longer path than data has: neither Python nor PostgreSQL would write it.
    """
    found = _NAME.fullmatch(name)
    path = tuple(found["path"].split(".")) if found else ()
    return Field(name, lookup, Fact(path), sortable=False) if 0 < len(path) <= MAX_DEPTH else None


@JSONField.register_lookup
class ContainsOneOf(Lookup):
    """Whether the column contains one of some documents, given as JSON.

    One containment for each, because PostgreSQL asks a GIN index for no array of them.
    """

    lookup_name = "contains_one_of"
    prepare_rhs = False

    def as_sql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper) -> tuple[str, tuple[Any, ...]]:
        column, params = self.process_lhs(compiler, connection)
        each = " OR ".join([f"{column} @> %s::jsonb"] * len(self.rhs))
        return f"({each})", tuple(value for document in self.rhs for value in (*params, document))


def _meanings(text: str) -> list[Any]:
    """The JSON values that look like this text, each alone and as the member of a list."""
    values: list[Any] = [text]
    if _LITERAL.fullmatch(text):
        values.append(json.loads(text.lower()))
    return [*values, *([value] for value in values)]
