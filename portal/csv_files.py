"""CSV files that people open in spreadsheets: streamed, and without formulas that strangers wrote."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TypeVar

from django.db.models import Model, QuerySet
from django.http import StreamingHttpResponse
from django.utils.translation import gettext as _

from workflows.errors import InvalidQuery
from workflows.search.counting import COUNTED
from workflows.search.limits import limited

Row = TypeVar("Row", bound=Model)
Lines = Callable[[list[Row]], Iterable[Sequence[object]]]  # of some rows

EXPORTED = COUNTED - 1  # rows of a file: what lists count, so that their pages know when some are left out
_AT_ONCE = 500
# A cell that begins so is run as a formula by spreadsheets (OWASP, CSV injection).
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


class _Echo:
    """A file that hands back what is written."""

    def write(self, text: str) -> str:
        return text


def csv_response(
    name: str, headings: Sequence[str], rows: QuerySet[Row], lines: Lines[Row], *, error: str = ""
) -> StreamingHttpResponse:
    """A download of `rows` below `headings`, in UTF-8 with the mark that spreadsheets look for.

    All rows are found before the first byte is sent. Raises InvalidQuery with the `error` of their filter,
    SearchTooBroad where they cannot be found in time.
    """
    if error:
        raise InvalidQuery(error)
    with limited():
        keys = list(rows.values_list("pk", flat=True)[: EXPORTED + 1])
    text = _text(headings, _lines(rows, keys, lines))
    response = StreamingHttpResponse(text, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _lines(rows: QuerySet[Row], keys: Sequence[object], lines: Lines[Row]) -> Iterator[Sequence[object]]:
    """Those of the rows with these keys, some at a time, and at the end whether there are more."""
    for start in range(0, min(len(keys), EXPORTED), _AT_ONCE):
        some = keys[start : min(start + _AT_ONCE, EXPORTED)]
        found = rows.order_by().in_bulk(some)
        yield from lines([found[key] for key in some if key in found])
    if len(keys) > EXPORTED:
        yield [
            _("Only the first %(n)s rows are here; narrow the search for others.") % {"n": f"{EXPORTED:,}"}
        ]


def _text(headings: Sequence[str], lines: Iterable[Sequence[object]]) -> Iterator[str]:
    writer = csv.writer(_Echo())
    yield "\ufeff" + writer.writerow(headings)
    for line in lines:
        yield writer.writerow([_harmless(cell) for cell in line])


def _harmless(cell: object) -> object:
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(_FORMULA) else cell
