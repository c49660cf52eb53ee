"""Parameters of a list: names in any case and with any prefix, pages, direction (api-contract.md, 1.1)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from django.http import QueryDict

from workflows.errors import InvalidQuery

DEFAULT_SIZE = 50
LARGEST_SIZE = 1000
LARGEST_NUMBER = 999_999_999
_NUMBER = re.compile(r"[0-9]+")
_DIRECTIONS = {"": False, "0": False, "ascending": False, "1": True, "descending": True}


@dataclass(frozen=True, slots=True)
class Page:
    """`number` counts from 1; `rows[page.start : page.stop]` are its rows."""

    number: int = 1
    size: int = DEFAULT_SIZE

    @property
    def start(self) -> int:
        return (self.number - 1) * self.size

    @property
    def stop(self) -> int:
        return self.start + self.size


def normalise_query_params(params: QueryDict) -> dict[str, str]:
    """The parameters by their names in lower case, without a prefix up to the first dot (`pq.queryString`).

    Raises InvalidQuery when one name, however spelled, has different values: which counts would be chance.
    """
    normal: dict[str, str] = {}
    for given, value in ((name, value) for name, values in params.lists() for value in values):
        name = given.partition(".")[2] or given
        if normal.setdefault(name.lower(), value) != value:
            raise InvalidQuery(
                f"The parameter '{name[:40]}' is given twice, with different values. Send it once."
            )
    return normal


def paging(params: Mapping[str, str]) -> Page:
    """The page that normalised parameters name; raises InvalidQuery for one out of bounds."""
    number = _number(params, "PageReturned", LARGEST_NUMBER) or 1
    size = _number(params, "ReturnLimit", LARGEST_SIZE) or DEFAULT_SIZE
    return Page(number, size)


def is_descending(sort_ascending: str | int | None) -> bool:
    """What `SortAscending` says: 0, Ascending or nothing; 1 or Descending. Raises InvalidQuery."""
    text = "" if sort_ascending is None else str(sort_ascending).strip().lower()
    if text not in _DIRECTIONS:
        raise InvalidQuery("SortAscending is 0 for ascending or 1 for descending.")
    return _DIRECTIONS[text]


def _number(params: Mapping[str, str], name: str, largest: int) -> int | None:
    text = params.get(name.lower(), "").strip()
    if not text:
        return None
    # So many digits at most: Python refuses to read a number of thousands of them.
    if not _NUMBER.fullmatch(text) or not 0 < int(text[:20]) <= largest:
        raise InvalidQuery(f"{name} is a whole number from 1 to {largest}.")
    return int(text)
