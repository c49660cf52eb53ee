"""The comparisons of the simple filter: which fit a field, and what cannot be asked by them.

What was typed counts or is refused: a filter that took no notice of it would show more than was asked for.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.http import QueryDict
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from workflows.search.fields import Fields
from workflows.search.syntax import Operator

Choices = Sequence[tuple[str, str | Promise]]
Fitting = Mapping[str, Sequence[str]]  # the comparisons that fit, by field

IS_NULL, IS_NOT_NULL = "-null", "-notnull"
FACT = "Data"  # the choice among the fields that asks for the name of a fact, `Data.<name>` of the query
FACT_COMPARISONS = (Operator.EQ.value, Operator.NE.value)
COMPARISONS: Choices = (
    (Operator.CONTAINS.value, gettext_lazy("contains")),
    (Operator.EQ.value, gettext_lazy("is equal to")),
    (Operator.NE.value, gettext_lazy("is not equal to")),
    (Operator.STARTSWITH.value, gettext_lazy("begins with")),
    (Operator.ENDSWITH.value, gettext_lazy("ends with")),
    (Operator.GT.value, gettext_lazy("is greater or later than")),
    (Operator.GE.value, gettext_lazy("is at least")),
    (Operator.LT.value, gettext_lazy("is less or earlier than")),
    (Operator.LE.value, gettext_lazy("is at most")),
    (IS_NULL, gettext_lazy("is empty")),
    (IS_NOT_NULL, gettext_lazy("is not empty")),
)


@dataclass(frozen=True)
class Problem:
    """Why a filter cannot be used; `place` names the input of the form."""

    place: str
    words: str


def fitting(name: str, known: Fields) -> tuple[str, ...]:
    """The comparisons that the field takes."""
    field = known.find(name)
    if name == FACT or field is None:
        return FACT_COMPARISONS
    taken = field.kind.operators | ({Operator.NE} if Operator.EQ in field.kind.operators else set())
    nulls = (IS_NULL, IS_NOT_NULL) if field.kind.nullable else ()
    return tuple(value for value, _label in COMPARISONS if value in taken or value in nulls)


def used(given: str, fitting: Sequence[str]) -> str:
    """What a form shows: without scripts it begins with `contains`, of which the narrower part fits all."""
    if given in fitting:
        return given
    return Operator.EQ.value if given in dict(COMPARISONS) else fitting[0]


def problem_of(params: QueryDict, fields: Choices, fits: Fitting) -> Problem | None:
    """What of a filter cannot be asked, None where all can; a value that is left blank asks for nothing."""
    field, comparison, value, fact, query = (
        params.get(name, "").strip() for name in ("field", "comparison", "value", "fact", "query")
    )
    if query:
        return Problem("query", _("Search by a query or by the filter, not by both.")) if value else None
    if not (value or comparison in (IS_NULL, IS_NOT_NULL) or (field == FACT and fact)):
        return None
    if field and field not in fits:
        return Problem("field", _("This list is not searched by %(name)s.") % {"name": field[:40]})
    return _of_comparison(comparison, fits[field or fields[0][0]]) or _of_fact(field, fact, value)


def _of_comparison(given: str, fits: Sequence[str]) -> Problem | None:
    if not given or given in fits or given == Operator.CONTAINS:
        return None
    labels = dict(COMPARISONS)
    if given not in labels:
        return Problem("comparison", _("There is no such comparison."))
    names = ", ".join(str(labels[each]) for each in fits)
    words = _("“%(given)s” does not fit the field, which takes: %(names)s.")
    return Problem("comparison", words % {"given": labels[given], "names": names})


def _of_fact(field: str, fact: str, value: str) -> Problem | None:
    if field != FACT:
        return None
    if not fact:
        return Problem("fact", _("Type the name of the fact, such as Template."))
    return None if value else Problem("value", _("Type the value that the fact has."))
