"""Regular expressions of administrators, matched in time that no pattern can blow up.

`re` tries one way after the other, which for a pattern such as `(a+)+$` takes for ever. Here every part of
a pattern maps the *set* of places where it may begin to the set where it may end: a place is visited once,
however many ways lead to it. Runs of plain parts (literals, classes, anchors) are left to `re`. The syntax is
that of `re`, without back references and conditions, which have no such sets.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache
from re import _compiler, _parser  # type: ignore[attr-defined]  # the only way to a parsed pattern
from re import _constants as codes  # type: ignore[attr-defined]
from typing import Any

from workflows.errors import ExpressionFailed, InvalidInput

MAX_PATTERN = 1000
_MAX_DEPTH = 20
# Leaf visits of one match; an honest pattern needs some per character of the text. About 50 ms.
_MAX_VISITS = 200_000

_STRUCTURES = frozenset(
    {codes.BRANCH, codes.SUBPATTERN, codes.MAX_REPEAT, codes.MIN_REPEAT, codes.ASSERT, codes.ASSERT_NOT}
)
_REFUSED = {
    codes.GROUPREF: "a back reference",
    codes.GROUPREF_EXISTS: "a condition",
    codes.ATOMIC_GROUP: "an atomic group",
    codes.POSSESSIVE_REPEAT: "a possessive repeat",
}

Places = frozenset[int]


class _Subject:
    """A text under examination, and how much of the work that it may cost is left."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.visits = _MAX_VISITS

    def visit(self, places: Places) -> None:
        self.visits -= 1 + len(places)
        if self.visits < 0:
            raise ExpressionFailed("A regular expression needs too many steps for this text; simplify it.")


# From the places where a part of the pattern may begin to those where it may end.
Matcher = Callable[[_Subject, Places], Places]


@dataclass(frozen=True)
class Pattern:
    """A checked pattern, made by `compile_pattern`."""

    source: str
    matcher: Matcher

    def is_found_in(self, text: str) -> bool:
        """Whether the pattern matches somewhere, as `re.search`; raises ExpressionFailed past the limit."""
        return bool(self.matcher(_Subject(text), frozenset(range(len(text) + 1))))


@lru_cache(maxsize=1024)
def compile_pattern(source: str) -> Pattern:
    """A pattern for repeated use; raises InvalidInput if it is too long, not well formed or not supported."""
    if len(source) > MAX_PATTERN:
        raise InvalidInput(
            f"The regular expression has {len(source):,} characters; at most {MAX_PATTERN:,} are allowed."
        )
    try:
        parsed = _parser.parse(source)
        return Pattern(source, _Builder(parsed.state).sequence(parsed, 0, 0, 0))
    except (re.error, RecursionError, OverflowError) as error:
        raise InvalidInput(f"The regular expression {source[:80]!r} is not well formed: {error}.") from error


@dataclass(frozen=True)
class _Builder:
    """Turns parsed nodes into matchers; `on` and `off` are the flags set and cleared by enclosing groups."""

    state: Any

    def sequence(self, nodes: Iterable[Any], on: int, off: int, depth: int) -> Matcher:
        if depth > _MAX_DEPTH:
            raise InvalidInput(f"The regular expression nests more than {_MAX_DEPTH} groups and repeats.")
        steps: list[Matcher] = []
        for is_structure, run in itertools.groupby(nodes, key=lambda node: node[0] in _STRUCTURES):
            if is_structure:
                steps += [self._structure(code, value, on, off, depth + 1) for code, value in run]
            else:
                steps.append(self._leaf(list(run), on, off))
        return _in_order(steps)

    def _structure(self, code: Any, value: Any, on: int, off: int, depth: int) -> Matcher:
        if code is codes.BRANCH:
            return _any_of([self.sequence(branch, on, off, depth) for branch in value[1]])
        if code is codes.SUBPATTERN:
            _, added, removed, nodes = value
            return self.sequence(nodes, (on | added) & ~removed, (off | removed) & ~added, depth)
        if code in (codes.ASSERT, codes.ASSERT_NOT):
            direction, nodes = value
            back = _fixed_width(nodes) if direction < 0 else 0
            return _look(self.sequence(nodes, on, off, depth), back, code is codes.ASSERT)
        least, most, nodes = value
        return _repeated(self.sequence(nodes, on, off, depth), least, most)

    def _leaf(self, nodes: list[Any], on: int, off: int) -> Matcher:
        for code, _ in nodes:
            if code in _REFUSED:
                raise InvalidInput(f"The regular expression uses {_REFUSED[code]}, which is not supported.")
        group = (codes.SUBPATTERN, (None, on, off, _parser.SubPattern(self.state, nodes)))
        match = _compiler.compile(_parser.SubPattern(self.state, [group])).match

        def leaf(subject: _Subject, places: Places) -> Places:
            subject.visit(places)
            return frozenset(found.end() for place in places if (found := match(subject.text, place)))

        return leaf


def _fixed_width(nodes: Any) -> int:
    least, most = nodes.getwidth()
    if least != most:
        raise InvalidInput("The regular expression looks behind for a text of no fixed length.")
    return int(least)


def _in_order(steps: list[Matcher]) -> Matcher:
    def in_order(subject: _Subject, places: Places) -> Places:
        for step in steps:
            if not places:
                break
            places = step(subject, places)
        return places

    return in_order


def _any_of(branches: list[Matcher]) -> Matcher:
    return lambda subject, places: frozenset().union(*(branch(subject, places) for branch in branches))


def _look(part: Matcher, back: int, is_wanted: bool) -> Matcher:
    """A look ahead, or `back` characters behind; it consumes nothing."""

    def fits(subject: _Subject, place: int) -> bool:
        ends = part(subject, frozenset({place - back})) if place >= back else frozenset()
        return (place in ends) if back else bool(ends)

    return lambda subject, places: frozenset(place for place in places if fits(subject, place) is is_wanted)


def _repeated(part: Matcher, least: int, most: int) -> Matcher:
    def repeated(subject: _Subject, places: Places) -> Places:
        for _ in range(least):
            before, places = places, part(subject, places)
            if places == before:  # also when none is left; further rounds change nothing
                break
        reached = new = places
        for _ in range(most - least):
            new = part(subject, new) - reached
            if not new:
                break
            reached |= new
        return reached

    return repeated
