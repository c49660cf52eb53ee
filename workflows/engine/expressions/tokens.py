r"""Tokens: the names of values that stand in a text until it is used (workflow-definitions.md, 4).

    token = "$(" [ namespace ":" ] name { "." key | "[" index "]" } ")"

`namespace` and `name` are letters, digits, `_` and `-`, `key` also `@`. `$(metadata:Field)` reads the `Field`
of `metadata`, which is data or an alias, and any other namespace works alike. Text that has not this form is
text.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from workflows.errors import InvalidInput, MissingToken

Alias = str | Callable[[Mapping[str, Any]], Any]  # where the value lies ("Subject.CN"), or how to make it
Aliases = Mapping[str, Alias]
NO_ALIASES: Aliases = MappingProxyType({})

_NAME = r"\w[\w-]*"
_TOKEN = re.compile(
    rf"\$\((?:(?P<namespace>{_NAME}):)?(?P<name>{_NAME})(?P<path>(?:\.[\w@-]+|\[[0-9]{{1,9}}\])*)\)"
)
_PART = re.compile(r"\.([\w@-]+)|\[([0-9]+)\]")
_OPENING = re.compile(r"\$\(\w")
ABSENT: Any = object()


@dataclass(frozen=True, slots=True)
class Token:
    """One token of a text: `text[start:end]`, what it names, and the steps from there into the value."""

    start: int
    end: int
    namespace: str | None
    name: str
    path: tuple[str | int, ...]

    @property
    def head(self) -> str:
        """What must be in the data or among the aliases: `cn`, or `metadata:Owner`."""
        return f"{self.namespace}:{self.name}" if self.namespace else self.name

    def __str__(self) -> str:
        steps = (f"[{each}]" if isinstance(each, int) else f".{each}" for each in self.path)
        return f"$({self.head}{''.join(steps)})"


def find_tokens(text: str) -> tuple[Token, ...]:
    """Every token of a text, in order; never raises."""
    if "$(" not in text:
        return ()
    return tuple(_token(match) for match in _TOKEN.finditer(text))


def only_token(text: str) -> Token | None:
    """The token that is the whole text."""
    match = _TOKEN.fullmatch(text)
    return _token(match) if match else None


def fill(text: str, tokens: Sequence[Token], write: Callable[[Token], str]) -> str:
    """The text with what `write` gives in place of each token."""
    parts, position = [], 0
    for token in tokens:
        parts += [text[position : token.start], write(token)]
        position = token.end
    return "".join([*parts, text[position:]])


def check_tokens(text: str) -> None:
    """Raise InvalidInput where something begins like a token and is none: a slip, shown before publishing."""
    starts = {token.start for token in find_tokens(text)}
    for opening in _OPENING.finditer(text):
        if opening.start() not in starts:
            raise InvalidInput(
                f"What begins with '{text[opening.start() : opening.start() + 20]}' is no token; tokens look "
                "like $(name), $(metadata:Field) or $(variable.path[0])."
            )


def depends_on(value: Any) -> set[str]:
    """The heads (`cn`, `metadata:Owner`) of all tokens in a text, or in the texts of lists and objects."""
    if isinstance(value, str):
        return {token.head for token in find_tokens(value)}
    if isinstance(value, Mapping):
        value = value.values()
    elif not isinstance(value, list | tuple):
        return set()
    return {head for each in value for head in depends_on(each)}


def lookup(data: Mapping[str, Any], token: Token, aliases: Aliases = NO_ALIASES) -> Any:
    """The value that a token names, null included; raises MissingToken, naming the token, when there is none.

    Names and namespaces are looked up exactly, then among the aliases (without case), then in the data
    without case if just one name fits; keys of the path exactly, then without case likewise. A text that
    holds JSON, as REST steps keep their answers, is read where the path goes on. An alias that raises
    LookupError gives none.
    """
    value = _walk(_head(data, token, aliases), token.path)
    if value is ABSENT:
        raise MissingToken(f"The token {token} has no value.")
    return value


def named(data: Mapping[str, Any], name: str, aliases: Aliases = NO_ALIASES) -> Any:
    """The value that is called exactly so in the data, else by an alias; ABSENT when there is none.

    For names in expressions, which have a case; a value that differs by it is another name.
    """
    if name in data:
        return data[name]
    return _follow(data, aliases[name]) if name in aliases else ABSENT


def _token(match: re.Match[str]) -> Token:
    return Token(match.start(), match.end(), match["namespace"], match["name"], _steps(match["path"]))


def _head(data: Mapping[str, Any], token: Token, aliases: Aliases) -> Any:
    """What `metadata:Owner` names as a whole, else the `Owner` in what `metadata` names."""
    found = _named(data, token.head, aliases)
    if found is ABSENT and token.namespace:
        return _walk(_named(data, token.namespace, aliases), (token.name,))
    return found


def _named(data: Mapping[str, Any], name: str, aliases: Aliases) -> Any:
    if name in data:
        return data[name]
    alias = _without_case(aliases, name)
    return _without_case(data, name) if alias is ABSENT else _follow(data, alias)


def _follow(data: Mapping[str, Any], alias: Alias) -> Any:
    if isinstance(alias, str):
        return _walk(data, _steps(f".{alias}"))
    try:
        return alias(data)
    except LookupError:
        return ABSENT


def _steps(path: str) -> tuple[str | int, ...]:
    return tuple(key or int(index) for key, index in _PART.findall(path))


def _walk(value: Any, path: tuple[str | int, ...]) -> Any:
    for step in path:
        if isinstance(value, str):
            value = _parsed(value)
        if isinstance(step, int):
            value = value[step] if isinstance(value, list) and step < len(value) else ABSENT
        else:
            value = _member(value, step) if isinstance(value, Mapping) else ABSENT
    return value


def _member(value: Mapping[str, Any], key: str) -> Any:
    return value[key] if key in value else _without_case(value, key)


def _without_case(value: Mapping[str, Any], key: str) -> Any:
    folded = key.casefold()
    fitting = [name for name in value if name.casefold() == folded]
    return value[fitting[0]] if len(fitting) == 1 else ABSENT


def _parsed(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return ABSENT
