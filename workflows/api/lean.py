"""Lists written straight from columns.

Model instances and the walk through a serializer's fields cost many times what the database needs for a page.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, NamedTuple

from rest_framework import serializers

from workflows.api.profiles import Profile
from workflows.api.serializers.base import Serializer

Row = Sequence[Any]


class Cell(NamedTuple):
    name: str
    read: Callable[[Row], Any]
    keeps_null: bool


@dataclass(frozen=True, slots=True)
class Sheet:
    """The columns that a serializer reads, as paths for `values_list`, and how it writes a row of them."""

    columns: tuple[str, ...]
    cells: tuple[Cell, ...]

    def write(self, row: Row) -> dict[str, Any]:
        """What the serializer shows of an object with these values."""
        return _write(self.cells, row)


@cache
def sheet_of(shape: type[Serializer], profile: Profile) -> Sheet:
    """How `shape` is written on a mount; the sources of all its fields must be columns."""
    columns: list[str] = []
    cells = _cells(shape(context={"profile": profile}), (), columns)
    return Sheet(tuple(columns), cells)


def _cells(serializer: Serializer, path: tuple[str, ...], columns: list[str]) -> tuple[Cell, ...]:
    return tuple(
        Cell(name, _reader(field, (*path, *field.source_attrs), columns), field.allow_null)
        for name, field in serializer.fields.items()
    )


def _reader(
    field: serializers.Field[Any, Any, Any, Any], path: tuple[str, ...], columns: list[str]
) -> Callable[[Row], Any]:
    if isinstance(field, Serializer):
        cells = _cells(field, path, columns)
        return lambda row: _write(cells, row)
    place, write = len(columns), field.to_representation
    columns.append("__".join(path))
    return lambda row: None if row[place] is None else write(row[place])


def _write(cells: Sequence[Cell], row: Row) -> dict[str, Any]:
    read = ((cell, cell.read(row)) for cell in cells)
    return {cell.name: value for cell, value in read if value is not None or cell.keeps_null}
