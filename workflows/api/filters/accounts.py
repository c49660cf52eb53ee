"""User names in queries: `DOMAIN\\name`, bare, or `%ME%` (D18)."""

from __future__ import annotations

from dataclasses import dataclass

from workflows.models.people import bare_name
from workflows.search.kinds import Context, Matches, Text
from workflows.search.syntax import Operator


@dataclass(frozen=True, slots=True)
class AccountName(Text):
    """A column that holds bare names."""

    def matches(self, operator: Operator, text: str, context: Context) -> Matches:
        found = Text.matches(self, operator, text, context)
        return tuple((lookup, bare_name(value)) for lookup, value in found)
