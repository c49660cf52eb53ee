"""What a list lets people ask for: its fields by name, and what a comparison asks of a row."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from workflows.errors import InvalidQuery
from workflows.search.kinds import Context, Kind, Matches, Text
from workflows.search.syntax import Comparison, Operator, error_at

_TEXT = Text()
_NEGATED = {Operator.NE: Operator.EQ, Operator.NOTCONTAINS: Operator.CONTAINS}


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a list: its name on the wire, where a row has it (`record__title`), and its kind."""

    name: str
    lookup: str
    kind: Kind = _TEXT
    searchable: bool = True
    sortable: bool = True
    sorted_by: str = ""  # where its sort key is, if elsewhere


@dataclass(frozen=True, slots=True)
class Demand:
    """What a comparison asks of a row: all `matches`, or NULL where there are none, or the contrary.

    NULL is null or `empty`. The contrary of matches holds for null, too: all but X includes rows without any.
    """

    lookup: str
    matches: Matches
    negated: bool
    empty: Any


class Fields:
    """The fields of a list, found without case. `families` are those that have no end, for messages.

    `certain` names the one-to-one relations that no row is without, `spans` columns that have a GiST index
    together with the key, and where they have it.
    """

    families: ClassVar[tuple[str, ...]] = ()
    certain: ClassVar[tuple[str, ...]] = ()
    spans: ClassVar[Mapping[str, str]] = {}

    def __init__(self, fields: Iterable[Field], *, narrowing: str = "by one more field") -> None:
        """`narrowing` is the advice where a search takes too long: what finds few rows, and how it sorts."""
        self._by_name = {field.name.casefold(): field for field in fields}
        self.narrowing = narrowing

    def find(self, name: str) -> Field | None:
        return self._by_name.get(name.casefold())

    def demand(self, comparison: Comparison, context: Context) -> Demand:
        """Raises InvalidQuery, pointing at the place, for an unknown field and what its kind refuses."""
        field = self._searchable(comparison)
        operator = _NEGATED.get(comparison.operator, comparison.operator)
        negated = operator is not comparison.operator
        if comparison.value is None:
            if not field.kind.nullable:
                raise error_at(
                    comparison.value_at,
                    f"{field.name} cannot be compared with NULL. Name a value, as {field.name} -eq x.",
                )
            return Demand(field.lookup, (), negated, field.kind.empty)
        if operator not in field.kind.operators:
            raise error_at(
                comparison.operator_at,
                f"{field.name} cannot be compared by {comparison.operator}; it takes {_taken(field.kind)}.",
            )
        try:
            matches = field.kind.matches(operator, comparison.value, context)
        except ValueError as error:
            raise error_at(comparison.value_at, f"{field.name}: {error}") from None
        return Demand(field.lookup, matches, negated, field.kind.empty)

    def sortable(self, name: str) -> Field:
        """Raises InvalidQuery when the list cannot be sorted by this field."""
        field = self.find(name.strip())
        if field is None or not field.sortable:
            names = ", ".join(each.name for each in self._by_name.values() if each.sortable)
            raise InvalidQuery(f"The list cannot be sorted by '{name[:40]}'; it can by {names}.")
        return field

    def _searchable(self, comparison: Comparison) -> Field:
        field = self.find(comparison.name)
        if field is None or not field.searchable:
            names = [*(each.name for each in self._by_name.values() if each.searchable), *self.families]
            raise error_at(
                comparison.name_at,
                f"there is no field '{comparison.name[:40]}'; there are {', '.join(names)}.",
            )
        return field


def _taken(kind: Kind) -> str:
    """The operators that a field of the kind takes, the negated ones among them."""
    return ", ".join(each for each in Operator if _NEGATED.get(each, each) in kind.operators)
