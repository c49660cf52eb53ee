"""Parses queries (the grammar stands in `workflows.search`)."""

from __future__ import annotations

from collections.abc import Callable

from workflows.search.lexing import Kind, Lexeme, lex
from workflows.search.syntax import JOINING, OPERATORS, And, Comparison, Node, Operator, Or, error_at

MAXIMUM_LENGTH = 8_000  # characters; with path and page about what the web server reads of a URL
MAXIMUM_TERMS = 200
MAXIMUM_DEPTH = 20  # parentheses; also what keeps recursion shallow


def parse(text: str) -> Node | None:
    """The tree of a query, None for a blank one; raises only InvalidQuery, which points at the character."""
    if len(text) > MAXIMUM_LENGTH:
        problem = f"it is longer than {MAXIMUM_LENGTH:,} characters. Shorten it, or ask in several queries."
        raise error_at(MAXIMUM_LENGTH, problem)
    if not text.strip():
        return None
    return _Parser(text).parse()


class _Parser:
    def __init__(self, text: str) -> None:
        self._lexemes = lex(text)
        self._current = next(self._lexemes)
        self._terms = 0

    def parse(self) -> Node:
        node = self._or(depth=0)
        if self._current.kind is not Kind.END:
            found = f"found {self._current}. A value with spaces stands in double quotes."
            raise error_at(self._current.at, f"expected AND, OR or the end, {found}")
        return node

    def _or(self, depth: int) -> Node:
        parts = self._joined("OR", lambda: self._and(depth))
        return parts[0] if len(parts) == 1 else Or(parts)

    def _and(self, depth: int) -> Node:
        parts = self._joined("AND", lambda: self._term(depth))
        return parts[0] if len(parts) == 1 else And(parts)

    def _joined(self, word: str, part: Callable[[], Node]) -> tuple[Node, ...]:
        parts = [part()]
        while _is_joining(self._current) and self._current.text.upper() == word:
            self._next()
            parts.append(part())
        return tuple(parts)

    def _term(self, depth: int) -> Node:
        if self._current.kind is not Kind.OPEN:
            return self._comparison()
        if depth == MAXIMUM_DEPTH:
            problem = f"parentheses are nested more than {MAXIMUM_DEPTH} deep. Leave out those around an AND."
            raise error_at(self._current.at, problem)
        self._next()
        node = self._or(depth + 1)
        closing = self._next()
        if closing.kind is not Kind.CLOSE:
            raise error_at(closing.at, f"expected AND, OR or ')', found {closing}.")
        return node

    def _comparison(self) -> Comparison:
        name = self._name()
        operator_at, operator = self._current.at, self._operator()
        value = self._next()
        if value.kind not in {Kind.WORD, Kind.QUOTED} or self._is_left_out(value):
            raise error_at(value.at, f"expected a value after {operator}, found {value}.")
        is_null = value.kind is Kind.WORD and value.text.upper() == "NULL"
        if is_null and operator not in {Operator.EQ, Operator.NE}:
            raise error_at(value.at, f"NULL goes with -eq and -ne, not with {operator}.")
        text = None if is_null else value.text
        return Comparison(name.text, operator, text, name.at, value.at, operator_at)

    def _is_left_out(self, value: Lexeme) -> bool:
        """Whether AND or OR stands where a value should, because a term follows; it may be a value, too."""
        goes_on = self._current.kind not in {Kind.END, Kind.CLOSE} and not _is_joining(self._current)
        return goes_on and _is_joining(value)

    def _name(self) -> Lexeme:
        name = self._next()
        is_operator = name.kind is Kind.WORD and name.text.lower() in OPERATORS
        if is_operator or _is_joining(name) or name.kind not in {Kind.WORD, Kind.QUOTED}:
            raise error_at(name.at, f"expected the name of a field, found {name}.")
        self._terms += 1
        if self._terms > MAXIMUM_TERMS:
            problem = f"it has more than {MAXIMUM_TERMS} comparisons. Ask in several queries."
            raise error_at(name.at, problem)
        return name

    def _operator(self) -> Operator:
        lexeme = self._next()
        operator = OPERATORS.get(lexeme.text.lower()) if lexeme.kind is Kind.WORD else None
        if operator is None:
            raise error_at(lexeme.at, f"expected an operator ({', '.join(OPERATORS)}), found {lexeme}.")
        return operator

    def _next(self) -> Lexeme:
        """Take the current lexeme; the end stays the end."""
        lexeme = self._current
        self._current = next(self._lexemes, lexeme)
        return lexeme


def _is_joining(lexeme: Lexeme) -> bool:
    return lexeme.kind is Kind.WORD and lexeme.text.upper() in JOINING
