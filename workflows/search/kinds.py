"""The kinds of fields: which operators they take, and what their values mean."""

from __future__ import annotations

import enum
import re
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, tzinfo
from typing import Any, ClassVar

from workflows.search.moments import parse_moment
from workflows.search.syntax import Operator

Matches = tuple[tuple[str, Any], ...]  # lookups, as Django names them, that must all hold

_ORDER = {Operator.GT: "gt", Operator.GE: "gte", Operator.LT: "lt", Operator.LE: "lte"}
_WITHIN = {Operator.CONTAINS: "contains", Operator.STARTSWITH: "startswith", Operator.ENDSWITH: "endswith"}
_INTEGER = re.compile(r"[-+]?[0-9]{1,19}")
_LARGEST = 2**63 - 1  # of PostgreSQL's bigint
_GUID = re.compile(r"\{?([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9a-f]{32})\}?", re.IGNORECASE)
_BOOLEANS = {"true": True, "1": True, "false": False, "0": False}


@dataclass(frozen=True, slots=True)
class Context:
    """Who asks, as the fields spell it (`DOMAIN\\name`, D18), which day it is, and where days begin."""

    me: str | None
    today: date
    zone: tzinfo = UTC


class Kind:
    """Base of all. `matches` gets positive operators only: -ne and -notcontains are their negations."""

    operators: ClassVar[frozenset[Operator]]
    empty: ClassVar[Any] = None  # a value that NULL means, too
    nullable: ClassVar[bool] = True  # whether NULL can be asked for

    def matches(self, operator: Operator, text: str, context: Context) -> Matches:
        """What a row must fulfil; raises ValueError, fit to be shown, for a value of another kind."""
        raise NotImplementedError  # abstract


@dataclass(frozen=True, slots=True)
class Text(Kind):
    """Compared without case, as the reference does, unless told otherwise. `%ME%` is the caller's name.

    Most of our tables keep no text as the empty text, so NULL means both.
    """

    ignore_case: bool = True
    operators: ClassVar = frozenset({Operator.EQ, *_WITHIN})
    empty: ClassVar[str | None] = ""

    def matches(self, operator: Operator, text: str, context: Context) -> Matches:
        lookup = _WITHIN.get(operator, "exact")
        return (("i" * self.ignore_case + lookup, spelled_out(text, context)),)


@dataclass(frozen=True, slots=True)
class Integer(Kind):
    operators: ClassVar = frozenset({Operator.EQ, *_ORDER})

    def matches(self, operator: Operator, text: str, context: Context) -> Matches:
        if not _INTEGER.fullmatch(text) or abs(int(text)) > _LARGEST:
            raise ValueError("expected a whole number.")
        return ((_ORDER.get(operator, "exact"), int(text)),)


@dataclass(frozen=True, slots=True)
class Date(Kind):
    """A day, or a minute or second of it, is meant as a whole: -le includes it, -gt begins after it."""

    operators: ClassVar = frozenset({Operator.EQ, *_ORDER})

    def matches(self, operator: Operator, text: str, context: Context) -> Matches:
        span = parse_moment(text, context.today, context.zone)
        if operator is Operator.EQ:
            return (("gte", span.first), ("lte", span.last))
        end = span.last if operator in {Operator.GT, Operator.LE} else span.first
        return ((_ORDER[operator], end),)


@dataclass(frozen=True, slots=True)
class Boolean(Kind):
    operators: ClassVar = frozenset({Operator.EQ})

    def matches(self, operator: Operator, text: str, context: Context) -> Matches:
        if text.lower() not in _BOOLEANS:
            raise ValueError("expected true or false.")
        return (("exact", _BOOLEANS[text.lower()]),)


@dataclass(frozen=True, slots=True)
class Guid(Kind):
    operators: ClassVar = frozenset({Operator.EQ})

    def matches(self, operator: Operator, text: str, context: Context) -> Matches:
        if not _GUID.fullmatch(text):
            raise ValueError("expected a GUID.")
        return (("exact", uuid.UUID(text)),)


@dataclass(frozen=True, slots=True)
class Enum(Kind):
    """A closed set of words, compared by name (or part of it, as audit categories are) or by number (D2)."""

    choices: Mapping[str, int]
    operators: ClassVar = frozenset({Operator.EQ, *_ORDER, *_WITHIN})

    @classmethod
    def of(cls, words: type[enum.IntEnum]) -> Enum:
        return cls({word.name: word.value for word in words})

    def matches(self, operator: Operator, text: str, context: Context) -> Matches:
        if operator in _WITHIN:
            return (("in", self._naming(_WITHIN[operator], text.casefold())),)
        return ((_ORDER.get(operator, "exact"), self._value(text)),)

    def _value(self, text: str) -> int:
        named = {name.casefold(): value for name, value in self.choices.items()}
        named |= {str(value): value for value in self.choices.values()}
        if text.casefold() not in named:
            raise ValueError(f"expected one of {', '.join(self.choices)}, or its number.")
        return named[text.casefold()]

    def _naming(self, relation: str, part: str) -> list[int]:
        tests = {"contains": str.__contains__, "startswith": str.startswith, "endswith": str.endswith}
        return [value for name, value in self.choices.items() if tests[relation](name.casefold(), part)]


def spelled_out(text: str, context: Context) -> str:
    """The text, or the caller's name where it is `%ME%`; raises ValueError when there is no caller."""
    if text.upper() not in {"%ME%", "%ME-AN%"}:
        return text
    if context.me is None:
        raise ValueError("%ME% needs a caller, and there is none.")
    return context.me if text.upper() == "%ME%" else context.me.rpartition("\\")[2]
