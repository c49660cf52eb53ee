"""What a query says, as a tree, and how the tree is written."""

from __future__ import annotations

import enum
import re
from dataclasses import dataclass, field

from workflows.errors import InvalidQuery

JOINING = frozenset({"AND", "OR"})
_WORD = re.compile(r'[^\s()"]+')


class Operator(enum.StrEnum):
    EQ = "-eq"
    NE = "-ne"
    GT = "-gt"
    GE = "-ge"
    LT = "-lt"
    LE = "-le"
    CONTAINS = "-contains"
    NOTCONTAINS = "-notcontains"
    STARTSWITH = "-startswith"
    ENDSWITH = "-endswith"


OPERATORS = {operator.value: operator for operator in Operator}


@dataclass(frozen=True, slots=True)
class Comparison:
    """`Field -op value`, None for NULL; the offsets of its parts in the text are for messages only."""

    name: str
    operator: Operator
    value: str | None
    name_at: int = field(default=0, compare=False)
    value_at: int = field(default=0, compare=False)
    operator_at: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class And:
    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Or:
    parts: tuple[Node, ...]


Node = Comparison | And | Or


def error_at(position: int, problem: str) -> InvalidQuery:
    error = InvalidQuery(f"The query cannot be understood at character {position + 1}: {problem}")
    error.problem = problem
    return error


def to_text(node: Node) -> str:
    """The query that parses to this tree."""
    match node:
        case Comparison(name, operator, value):
            return f"{_named(name)} {operator} {'NULL' if value is None else _quoted(value)}"
        case And(parts):
            return " AND ".join(to_text(p) if isinstance(p, Comparison) else f"({to_text(p)})" for p in parts)
        case Or(parts):
            return " OR ".join(f"({to_text(p)})" if isinstance(p, Or) else to_text(p) for p in parts)


def _named(name: str) -> str:
    """In double quotes where the name would not be one word, or be taken for another."""
    is_plain = _WORD.fullmatch(name) and name.upper() not in JOINING and name.lower() not in OPERATORS
    return name if is_plain else _quoted(name)


def _quoted(value: str) -> str:
    escaped = re.sub(r'(\\*)("|\Z)', lambda match: match[1] * 2 + ('\\"' if match[2] else ""), value)
    return f'"{escaped}"'
