"""Cuts a query into words, quoted values and parentheses."""

from __future__ import annotations

import enum
import re
from collections.abc import Iterator
from dataclasses import dataclass

from workflows.search.syntax import error_at


class Kind(enum.Enum):
    WORD = "word"
    QUOTED = "quoted value"
    OPEN = "("
    CLOSE = ")"
    END = "end of the query"


@dataclass(frozen=True, slots=True)
class Lexeme:
    kind: Kind
    text: str
    at: int

    def __str__(self) -> str:
        return f"'{self.text[:40]}'" if self.text else f"the {self.kind.value}"


_SPACE = re.compile(r"\s*")
# An address whose `+` was not encoded says `%TODAY 7%`, which can mean nothing else.
_WORD = re.compile(r'%TODAY [0-9]+%(?=[\s()"]|\Z)|[^\s()"]+', re.IGNORECASE)
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")  # no row can hold it, and PostgreSQL refuses to be asked
_PIECE = re.compile(r'(?P<slashes>\\*)"|[^"\\]+|\\+')


def lex(text: str) -> Iterator[Lexeme]:
    """The lexemes of a text, the last one END; raises InvalidQuery for an open quote, NUL and the like."""
    if wrong := _UNSTORABLE.search(text):
        raise error_at(wrong.start(), "NUL and halves of surrogate pairs are not allowed.")
    position = _after_space(text, 0)
    while position < len(text):
        lexeme, end = _lexeme(text, position)
        yield lexeme
        position = _after_space(text, end)
    yield Lexeme(Kind.END, "", len(text))


def _after_space(text: str, position: int) -> int:
    match = _SPACE.match(text, position)
    return match.end() if match else position


def _lexeme(text: str, at: int) -> tuple[Lexeme, int]:
    if text[at] in "()":
        return Lexeme(Kind.OPEN if text[at] == "(" else Kind.CLOSE, text[at], at), at + 1
    word = _WORD.match(text, at)
    if word:
        return Lexeme(Kind.WORD, word[0], at), word.end()
    value, end = _quoted(text, at)
    return Lexeme(Kind.QUOTED, value, at), end


def _quoted(text: str, at: int) -> tuple[str, int]:
    """The value whose opening quote stands at `at`, and where it ends."""
    parts, position = [], at + 1
    while piece := _PIECE.match(text, position):
        position = piece.end()
        slashes = piece["slashes"]
        if slashes is None:
            parts.append(piece[0])
            continue
        parts.append(slashes[: len(slashes) // 2])
        if len(slashes) % 2:
            parts.append('"')
        elif text.startswith('"', position):
            parts.append('"')
            position += 1
        else:
            return "".join(parts), position
    raise error_at(at, "the double quote that opens here is never closed.")
