"""CSV files that people open in spreadsheets: streamed, and without formulas that strangers wrote."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Sequence

from django.http import StreamingHttpResponse

# A cell that begins so is run as a formula by spreadsheets (OWASP, CSV injection).
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


class _Echo:
    """A file that hands back what is written."""

    def write(self, text: str) -> str:
        return text


def csv_response(
    name: str, headings: Sequence[str], lines: Iterable[Sequence[object]]
) -> StreamingHttpResponse:
    """A download of `lines` below `headings`, in UTF-8 with the mark that spreadsheets look for."""
    response = StreamingHttpResponse(_rows(headings, lines), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _rows(headings: Sequence[str], lines: Iterable[Sequence[object]]) -> Iterator[str]:
    writer = csv.writer(_Echo())
    yield "\ufeff" + writer.writerow(headings)
    for line in lines:
        yield writer.writerow([_harmless(cell) for cell in line])


def _harmless(cell: object) -> object:
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(_FORMULA) else cell
