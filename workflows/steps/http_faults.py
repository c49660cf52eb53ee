"""What is certain to fail in an HTTP request whatever the data, told when its step is saved."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from workflows.connectors.http_hops import HttpCall, first_hop
from workflows.connectors.outbound import Login
from workflows.engine.expressions.tokens import fill, find_tokens
from workflows.engine.expressions.urls import UrlTemplate
from workflows.errors import InvalidInput

_ANYWHERE = "https://host/"  # where only a header is looked at


def url_faults(name: str, text: str) -> list[str]:
    """Of the parameter `name`; what a token stands for is taken to be right."""
    tokens, literal = find_tokens(text), _literal(text)
    try:
        first_hop(HttpCall(url=literal))
        if tokens:
            UrlTemplate(text, tokens, allow_host=False).check_result(literal)
    except InvalidInput as error:
        return [f"has a {name} that no request can be sent to: {error}"]
    return []


def header_faults(headers: Mapping[str, Any]) -> list[str]:
    return [fault for pair in _pairs(headers) for fault in _faults(HttpCall(url=_ANYWHERE, headers=(pair,)))]


def login_faults(login: Login) -> list[str]:
    return _faults(HttpCall(url=_ANYWHERE, login=login))


def secret_of(value: Any) -> str | None:
    """The plain text of a secret that is just being given; None for one that is kept, or for none."""
    text = value.get("SecretValue") if isinstance(value, Mapping) else None
    return text if isinstance(text, str) else None


def _pairs(headers: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for name, value in headers.items():
        yield from ((name, _literal(each)) for each in (value if isinstance(value, list) else [value]))


def _faults(call: HttpCall) -> list[str]:
    try:
        first_hop(call)
    except InvalidInput as error:
        return [f"makes a request that cannot be sent: {error}"]
    return []


def _literal(text: str) -> str:
    return fill(text, find_tokens(text), lambda _: "x")
