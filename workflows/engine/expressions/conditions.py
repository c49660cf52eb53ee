"""Decides the conditions of steps (workflow-definitions.md, 3.2; limits-and-leads.md, row 18).

`True`, `False` and a single `$(token)` are decided here; anything else is a one-line Python expression for
the sandbox, in which the names of the data are variables and tokens stand for values, never for text.
"""

from __future__ import annotations

import io
import json
import tokenize
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from workflows.engine.expressions import sandbox
from workflows.engine.expressions.tokens import (
    NO_ALIASES,
    Aliases,
    Token,
    fill,
    find_tokens,
    lookup,
    only_token,
)
from workflows.engine.expressions.values import describe
from workflows.errors import ExpressionFailed

_WORDS = {"true": True, "false": False}
_VARIABLE = "__token_"  # begins the names that stand for tokens
_LONGEST_RECORDED = 200  # characters: the history shows what decided, not the whole certificate


@dataclass(frozen=True, slots=True)
class ConditionResult:
    """How a condition came out, and the values it saw, shortened: `{"$(flag)": true, "cn": "www"}`."""

    value: bool
    text: str
    inputs: Mapping[str, Any]


def evaluate(
    text: str, data: Mapping[str, Any], aliases: Aliases = NO_ALIASES, *, now: datetime | None = None
) -> ConditionResult:
    """Decide one condition with the data of an instance.

    `now` is what clocks in it show (absent: the time of the call). Raises MissingToken, ExpressionFailed
    (also for what is not True or False, in any case or as text), and Unavailable without a free worker.
    """
    try:
        return _decide(text.strip(), data, aliases, now)
    except ExpressionFailed as error:
        raise ExpressionFailed(f"{_shortened(text.strip())}: {error}") from None


def check(text: str) -> None:
    """Raise ExpressionFailed when this can never be decided; nothing of it is evaluated."""
    text = text.strip()
    if text.lower() not in _WORDS and not only_token(text):
        sandbox.check_expression(_with_variables(text, find_tokens(text)))


def free_names(text: str) -> list[str]:
    """The names besides tokens that a condition reads; none for one that `check` refuses."""
    text = text.strip()
    if text.lower() in _WORDS or only_token(text):
        return []
    source = fill(text, find_tokens(text), lambda token: f" {_variable(token)} ")
    return [name for name in sandbox.free_names(source) if not name.startswith(_VARIABLE)]


def _decide(text: str, data: Mapping[str, Any], aliases: Aliases, now: datetime | None) -> ConditionResult:
    literal = _WORDS.get(text.lower())
    if literal is not None:
        return ConditionResult(literal, text, {})
    tokens = find_tokens(text)
    values = {token: lookup(data, token, aliases) for token in tokens}
    recorded = {str(token): _shortened(value) for token, value in values.items()}
    if only_token(text):
        return ConditionResult(_as_bool(values[tokens[0]]), text, recorded)
    source = _with_variables(text, tokens)
    names = sandbox.mentioned(source, data, aliases)
    variables = {_variable(token): value for token, value in values.items()}
    value = _as_bool(sandbox.evaluate_expression(source, names | variables, now=now))
    return ConditionResult(value, text, recorded | {name: _shortened(each) for name, each in names.items()})


def _with_variables(text: str, tokens: Sequence[Token]) -> str:
    """The expression with variables in place of tokens, which inside quotes would be nothing but words."""
    sandbox.check_one_line(text)
    source = fill(text, tokens, lambda token: f" {_variable(token)} ")
    names = _names(source)
    for token in tokens:
        if names and _variable(token) not in names:
            raise ExpressionFailed(
                f"The token {token} stands inside quotes; a token is a value, without them."
            )
    return source


def _variable(token: Token) -> str:
    return f"{_VARIABLE}{token.start}"


def _names(source: str) -> set[str]:
    """The names in an expression; empty when it cannot be read, of which the sandbox will say more."""
    try:
        return {each.string for each in tokenize.generate_tokens(io.StringIO(source).readline)}
    except (tokenize.TokenError, SyntaxError):
        return set()


def _as_bool(value: Any) -> bool:
    word = _WORDS.get(value.strip().lower()) if isinstance(value, str) else value
    if not isinstance(word, bool):
        raise ExpressionFailed(f"It gave {describe(value)}, not True or False.")
    return word


def _shortened(value: Any) -> Any:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return value if len(text) <= _LONGEST_RECORDED else f"{text[:_LONGEST_RECORDED]}…"
