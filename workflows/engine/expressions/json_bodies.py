"""Tokens in a JSON body: a value stays one value, whatever it holds."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Any, NoReturn

from workflows.engine.expressions.places import Template, as_text
from workflows.engine.expressions.tokens import Token, fill
from workflows.errors import InvalidInput

_QUOTE = re.compile(r'\\.|(")', re.DOTALL)


class JsonTemplate(Template):
    """Inside a string literal a value is escaped text; elsewhere it is inserted as JSON."""

    def __init__(self, text: str, tokens: Sequence[Token]) -> None:
        super().__init__(text, tokens)
        self.inside = _inside_literals(text, tokens)

    def check(self) -> None:
        """Fillers as long as the tokens make line and column of an error those of the template."""
        if self.text.strip():  # no body at all is as good as one
            try:
                _parse(fill(self.text, self.tokens, self._filler))
            except json.JSONDecodeError as error:
                raise InvalidInput(
                    f"The body is not JSON at line {error.lineno}, column {error.colno}: {error.msg}. "
                    "A token that is a whole value takes no quotes; inside quotes it is part of a text."
                ) from None

    def write(self, token: Token, value: Any) -> str:
        return json.dumps(as_text(token, value))[1:-1] if token in self.inside else json.dumps(value)

    def check_result(self, result: str) -> None:
        """Filled-in keys may have made two members of one name, of which readers drop one."""
        try:
            _parse(result)
        except json.JSONDecodeError as error:
            raise InvalidInput(
                f"With its tokens filled in, the body is not sound JSON: {error.msg}."
            ) from None

    def _filler(self, token: Token) -> str:
        length = token.end - token.start
        return "x" * length if token in self.inside else "null".ljust(length)


def _inside_literals(text: str, tokens: Sequence[Token]) -> frozenset[Token]:
    """The tokens that stand between the quotes of a string."""
    inside, found, position = False, set(), 0
    for token in tokens:
        quotes = [match for match in _QUOTE.finditer(text, position, token.start) if match[1]]
        inside ^= len(quotes) % 2 == 1
        if inside:
            found.add(token)
        position = token.end
    return frozenset(found)


def _parse(text: str) -> None:
    try:
        json.loads(text, object_pairs_hook=_check_names, parse_constant=_refuse)
    except RecursionError:
        raise json.JSONDecodeError("nested too deeply", text, 0) from None


def _check_names(pairs: list[tuple[str, Any]]) -> None:
    if len(dict(pairs)) < len(pairs):
        raise json.JSONDecodeError("an object has two members of one name", "", 0)


def _refuse(constant: str) -> NoReturn:
    raise json.JSONDecodeError(f"{constant} is no JSON", "", 0)
