"""Fields that rows have through a row of a small table, as instances have the name of their definition.

Those few rows are asked first. With their ids in hand the planner knows how many instances each one has; of a
join it would have to guess.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from django.db.models import Model

from workflows.search.kinds import Context, Guid, Matches, Text
from workflows.search.syntax import Operator


@dataclass(frozen=True, slots=True)
class TextOf(Text):
    """The text `column` of the row of `model` that a foreign key names."""

    empty: ClassVar[str | None] = None  # of a key
    model: type[Model] = Model
    column: str = ""

    def matches(self, operator: Operator, text: str, context: Context) -> Matches:
        return _named(self.model, self.column, Text.matches(self, operator, text, context))


@dataclass(frozen=True, slots=True)
class GuidOf(Guid):
    """The GUID `column` of the row of `model` that a foreign key names."""

    model: type[Model]
    column: str

    def matches(self, operator: Operator, text: str, context: Context) -> Matches:
        return _named(self.model, self.column, Guid.matches(self, operator, text, context))


def _named(model: type[Model], column: str, matches: Matches) -> Matches:
    wanted = {f"{column}__{lookup}": value for lookup, value in matches}
    return (("in", list(model._default_manager.filter(**wanted).values_list("pk", flat=True))),)
