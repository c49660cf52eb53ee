"""What the address of a list asks for: a filter, an order; both in the words of the query language."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Generic, TypeVar

from django.core.paginator import Page
from django.db.models import Model, QuerySet
from django.http import QueryDict
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.http import urlencode

from portal.comparisons import (
    COMPARISONS,
    FACT,
    IS_NOT_NULL,
    IS_NULL,
    Choices,
    Fitting,
    fitting,
    problem_of,
    used,
)
from portal.paging import page_of
from portal.requests import PortalRequest
from workflows.access.actors import Actor
from workflows.errors import InvalidQuery, SearchTooBroad
from workflows.search.apply import filter_queryset, order_queryset
from workflows.search.fields import Fields
from workflows.search.limits import limited
from workflows.search.syntax import Comparison, Operator, to_text

Row = TypeVar("Row", bound=Model)


@dataclass(frozen=True)
class Sort:
    field: str
    descending: bool


@dataclass(frozen=True)
class Filter:
    """The simple filter (field, comparison, value) or the advanced one (query text)."""

    field: str
    comparison: str
    value: str
    query: str
    fields: Choices
    fitting: Fitting
    url: str  # of the list
    example: str  # a query that fits the list
    fact: str = ""  # the name of a fact, where `field` is FACT
    comparisons: Choices = COMPARISONS
    kept: Sequence[tuple[str, str]] = ()  # parameters of the address that a search leaves as they are
    error: str = ""
    error_at: str = ""  # the input that it is about, where it is known

    @property
    def choices(self) -> list[tuple[str, str | Promise, str]]:
        """The fields, each with the comparisons that fit it."""
        return [(name, label, " ".join(self.fitting[name])) for name, label in self.fields]

    @property
    def is_advanced(self) -> bool:
        return bool(self.query)

    @property
    def is_active(self) -> bool:
        return bool(self.text or self.error)

    @property
    def errors(self) -> dict[str, str]:
        """The error by the input that it is said at."""
        return {self.error_at or ("query" if self.is_advanced else "value"): self.error}

    @property
    def text(self) -> str:
        """What it asks for in the query language; empty for all rows."""
        if self.query or not self._is_complete:
            return self.query
        nulls = {IS_NULL: Operator.EQ, IS_NOT_NULL: Operator.NE}
        operator = nulls.get(self.comparison) or Operator(self.comparison)
        name = f"{FACT}.{self.fact}" if self.field == FACT else self.field
        return to_text(Comparison(name, operator, None if self.comparison in nulls else self.value))

    @property
    def clear_url(self) -> str:
        """The whole list."""
        return f"{self.url}?{urlencode(self.kept)}" if self.kept else self.url

    @property
    def has_facts(self) -> bool:
        """Whether the list can be asked for facts of the data bucket."""
        return FACT in dict(self.fields)

    @property
    def _is_complete(self) -> bool:
        return bool(self.value) or self.comparison in (IS_NULL, IS_NOT_NULL)


def read_filter(params: QueryDict, fields: Choices, known: Fields, *, place: str, example: str) -> Filter:
    """What the address says of `fields`, which are among the `known` ones of the list.

    Where it cannot be used, unknown fields and comparisons are shown as the first ones, beside the error.
    """
    fits = {name: fitting(name, known) for name, _label in fields}
    problem = problem_of(params, fields, fits)
    field = _one_of(params.get("field", ""), fields)
    return Filter(
        field=field,
        fact=params.get("fact", "").strip(),
        comparison=used(params.get("comparison", ""), fits[field]),
        value=params.get("value", "").strip(),
        query=params.get("query", "").strip(),
        fields=fields,
        fitting=fits,
        url=reverse(place),
        example=example,
        error=problem.words if problem else "",
        error_at=problem.place if problem else "",
    )


@dataclass(frozen=True)
class Found(Generic[Row]):
    """One page of a list; the filter says why where nothing could be found."""

    page: Page  # type: ignore[type-arg]
    rows: list[Row]
    sort: Sort | None
    filter: Filter


def find(
    rows: QuerySet[Row], wanted: Filter, request: PortalRequest, fields: Fields, default: Sort | None = None
) -> Found[Row]:
    """The page of `rows` that the address asks for, in bounded time; without a default in their own order."""
    sort = default
    try:
        with limited(fields.narrowing):
            found, error = apply(rows, wanted, fields, request.actor)
            if default is not None:
                found, sort = ordered(found, request.GET, fields, default)
            page, shown = page_of(found, request.GET)
    except SearchTooBroad as broad:
        (page, shown), error = page_of(rows.none(), request.GET), str(broad)
    return Found(page, shown, sort, replace(wanted, error=error))


def apply(rows: QuerySet[Row], wanted: Filter, fields: Fields, actor: Actor) -> tuple[QuerySet[Row], str]:
    """The rows that the filter lets through; none, and why, when it cannot be understood.

    Days are those of the person's time zone, like the times that the lists show.
    """
    today, zone = timezone.localdate(), timezone.get_current_timezone()
    if wanted.error:
        return rows.none(), wanted.error
    try:
        return filter_queryset(rows, wanted.text, fields, me=actor.name, today=today, zone=zone), ""
    except InvalidQuery as error:
        return rows.none(), _words(error, wanted)


def _words(error: InvalidQuery, wanted: Filter) -> str:
    """Where a value was typed, what is wrong with it; only a query has places to point at."""
    if wanted.is_advanced or not error.problem:
        return str(error)
    words = error.problem.removeprefix(f"{wanted.field}: ")
    return words[:1].upper() + words[1:]


def ordered(
    rows: QuerySet[Row], params: QueryDict, fields: Fields, default: Sort
) -> tuple[QuerySet[Row], Sort]:
    """The rows as `?sort=` and `?descending=` ask, by default when they ask for nothing that is known."""
    given = params.get("sort")
    wanted = Sort(given, bool(params.get("descending"))) if given else default
    try:
        return _in_order(rows, wanted, fields), wanted
    except InvalidQuery:
        return _in_order(rows, default, fields), default


def _in_order(rows: QuerySet[Row], sort: Sort, fields: Fields) -> QuerySet[Row]:
    return order_queryset(rows, sort.field, int(sort.descending), fields, sort.field)


def _one_of(given: str, choices: Choices) -> str:
    return given if given in dict(choices) else choices[0][0]
