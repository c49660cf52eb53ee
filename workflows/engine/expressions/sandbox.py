"""Runs the Python of definitions: conditions, and the scripts of Set Variable Data (design.md, 3)."""

from __future__ import annotations

import ast
import keyword
import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from workflows.engine.expressions.tokens import ABSENT, NO_ALIASES, Aliases, named
from workflows.engine.expressions.values import check_json_safe, describe
from workflows.engine.expressions.workers import Limits, run
from workflows.errors import ExpressionFailed, InvalidInput

MIB = 1024 * 1024
EXPRESSION = Limits(seconds=1, memory_bytes=32 * MIB, result_bytes=64 * 1024, source_characters=2_000)
SCRIPT = Limits(seconds=5, memory_bytes=64 * MIB, result_bytes=MIB, source_characters=100_000)

_SOURCE = "__source"
_EVALUATE = f"eval({_SOURCE})"  # takes one expression and nothing else
_WORD = re.compile(r"\w+")


def run_script(
    source: str, inputs: Mapping[str, Any], limits: Limits = SCRIPT, *, now: datetime | None = None
) -> dict[str, Any]:
    """The object that a script returns or ends with: variables for the data. `inputs` are its global names.

    `now` is what its clocks show (absent: the time of the call). Raises ExpressionFailed, and Unavailable
    when no worker becomes free.
    """
    _check_length(source, limits)
    for name in inputs:
        if not _can_be_named(name):
            raise ExpressionFailed(f"The script parameter '{name}' is not a name in Python.")
    result = run(source, dict(inputs), limits, now=now)
    if not isinstance(result, dict):
        raise ExpressionFailed(
            f'It gave {describe(result)}; a script ends with an object, like {{"name": value}}.'
        )
    _check_result(result, limits)
    return result


def evaluate_expression(
    source: str, inputs: Mapping[str, Any], limits: Limits = EXPRESSION, *, now: datetime | None = None
) -> Any:
    """The JSON value of a one-line expression over `inputs`; `now` and errors are as for `run_script`."""
    check_one_line(source, limits)
    result = run(_EVALUATE, {**inputs, _SOURCE: f"(\n{source}\n)"}, limits, now=now, author=source)
    _check_result(result, limits)
    return result


def free_names(source: str) -> list[str]:
    """The names that an expression reads and does not bind itself; none when it cannot be read."""
    nodes = _nodes(source)
    bound = {each.id for each in nodes if isinstance(each, ast.Name) and isinstance(each.ctx, ast.Store)}
    bound |= {each.arg for each in nodes if isinstance(each, ast.arg)}
    return [name for name in _names(nodes) if name not in bound]


def mentioned(source: str, data: Mapping[str, Any], aliases: Aliases = NO_ALIASES) -> dict[str, Any]:
    """What an expression may read: the values of the data, or of the aliases, whose names it mentions."""
    nodes = _nodes(source)
    names = _names(nodes) if nodes else dict.fromkeys(_WORD.findall(source))
    values = {name: named(data, name, aliases) for name in names if _can_be_named(name)}
    return {name: value for name, value in values.items() if value is not ABSENT}


def _nodes(source: str) -> list[ast.AST]:
    """All parts of an expression; none where it cannot be read, of which the sandbox will say more."""
    try:
        return list(ast.walk(ast.parse(f"(\n{source}\n)", mode="eval")))
    except (SyntaxError, RecursionError, MemoryError, ValueError):
        return []


def _names(nodes: Iterable[ast.AST]) -> list[str]:
    return list(dict.fromkeys(each.id for each in nodes if isinstance(each, ast.Name)))


def check_expression(source: str) -> None:
    """Raise ExpressionFailed unless this can be a condition; nothing of it is evaluated."""
    check_one_line(source)
    run(_EVALUATE, {_SOURCE: f"lambda: (\n{source}\n)"}, EXPRESSION, author=source)


def check_script(source: str) -> None:
    """Raise ExpressionFailed unless this can be a script; nothing of it is executed."""
    _check_length(source, SCRIPT)
    run(f"return\n{source}", {}, SCRIPT, author=source, lines_before=1)


def _check_length(source: str, limits: Limits) -> None:
    if len(source) > limits.source_characters:
        raise ExpressionFailed(f"It is longer than {limits.source_characters:,} characters.")


def check_one_line(source: str, limits: Limits = EXPRESSION) -> None:
    """Raise ExpressionFailed for what is empty, too long, or more than a line."""
    _check_length(source, limits)
    if not source.strip():
        raise ExpressionFailed("It is empty; write an expression such as cn == 'www', or True.")
    if len(source.splitlines()) > 1:
        raise ExpressionFailed("It has more than one line; a condition is one expression on one line.")


def _check_result(result: Any, limits: Limits) -> None:
    try:
        check_json_safe(result, limits.result_bytes, name="result")
    except InvalidInput as error:
        raise ExpressionFailed(str(error)) from None


def _can_be_named(name: str) -> bool:
    return name.isidentifier() and not keyword.iskeyword(name) and name not in {"eval", _SOURCE}
