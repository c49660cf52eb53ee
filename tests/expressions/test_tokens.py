from __future__ import annotations

import contextlib
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.expressions.strategies import json_values
from workflows.engine.expressions.tokens import (
    Aliases,
    check_tokens,
    depends_on,
    find_tokens,
    lookup,
    only_token,
)
from workflows.errors import InvalidInput, MissingToken

DATA: dict[str, Any] = {
    "cn": "www.example.com",
    "CA": "host\\ca",
    "Metadata": {"Owner": "Ann", "Cost-Center": "7"},
    "answer": '{"mail": "a@example.com", "value": [{"id": 4}]}',
    "groups": ["one", "two"],
    "AB": 1,
    "ab": 2,
    "nothing": None,
    "direct:name": "kept under its own name",
}
ALIASES: Aliases = {
    "dn": "Subject.DN",
    "owner": "Metadata.Owner",
    "Greeting": lambda data: f"Dear {data['cn']}",
    "requester:mail": lambda data: "r@example.com",
    "broken": lambda data: data["no such"],
}


def value_of(text: str) -> Any:
    token = only_token(text)
    assert token is not None
    return lookup(DATA, token, ALIASES)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("$(cn)", "www.example.com"),
        ("$(CN)", "www.example.com"),
        ("$(metadata:Owner)", "Ann"),
        ("$(metadata:cost-center)", "7"),
        ("$(Metadata.Owner)", "Ann"),
        ("$(answer)", DATA["answer"]),
        ("$(answer.mail)", "a@example.com"),
        ("$(answer.value[0].id)", 4),
        ("$(groups[1])", "two"),
        ("$(AB)", 1),
        ("$(ab)", 2),
        ("$(nothing)", None),
        ("$(OWNER)", "Ann"),
        ("$(greeting)", "Dear www.example.com"),
        ("$(requester:mail)", "r@example.com"),
        ("$(direct:name)", "kept under its own name"),
    ],
)
def test_a_token_names_a_value(text: str, value: Any) -> None:
    assert value_of(text) == value


@pytest.mark.parametrize(
    "text",
    ["$(gone)", "$(aB)", "$(metadata:Gone)", "$(gone:Owner)", "$(cn.part)", "$(groups[2])", "$(groups.one)",
     "$(answer.value[9].id)", "$(answer.mail.more)", "$(dn)", "$(broken)", "$(cn[0])"],
)  # fmt: skip
def test_a_token_without_a_value_is_named(text: str) -> None:
    with pytest.raises(MissingToken) as caught:
        value_of(text)
    assert text in str(caught.value)


def test_a_variable_comes_before_an_alias_of_the_same_name() -> None:
    token = only_token("$(cn)")
    assert token is not None
    assert lookup({"cn": "a"}, token, {"cn": lambda data: "b"}) == "a"
    assert lookup({"CN": "a"}, token, {"Cn": lambda data: "b"}) == "b"


def test_tokens_are_found_in_order_with_their_places() -> None:
    text = "Dear $(requester:mail), $(cn) has $(n[0].x) and $() and $(a b)."
    found = find_tokens(text)
    assert [str(token) for token in found] == ["$(requester:mail)", "$(cn)", "$(n[0].x)"]
    assert [text[token.start : token.end] for token in found] == [str(token) for token in found]
    assert [token.head for token in found] == ["requester:mail", "cn", "n"]


@pytest.mark.parametrize("text", ["$(cn", "see $(a b)", "$(a..b)", "$(a[x])", "$(a:b:c)", "$(a[1)"])
def test_what_only_begins_like_a_token_is_shown_before_publishing(text: str) -> None:
    with pytest.raises(InvalidInput, match="is no token"):
        check_tokens(text)


@pytest.mark.parametrize(
    "text", ["", "$", "$(", '$("#id")', "$( cn )", "costs $5 (five)", "$(cn) and $(a.b[0])"]
)
def test_other_text_is_text(text: str) -> None:
    check_tokens(text)


def test_what_parameters_depend_on() -> None:
    parameters = {
        "Subject": "$(cn)",
        "Recipients": ["$(requester:mail)", "x"],
        "Map": {"a": ("$(v.p[0])", 5)},
    }
    assert depends_on(parameters) == {"cn", "requester:mail", "v"}
    assert depends_on(None) == set()


@given(st.text() | st.text(alphabet="$()[].:ab0-_ \n"))
def test_finding_never_fails_and_finds_what_it_prints(text: str) -> None:
    for token in find_tokens(text):
        again = only_token(text[token.start : token.end])
        assert again is not None
        assert (again.namespace, again.name, again.path) == (token.namespace, token.name, token.path)


@given(json_values, st.text(alphabet="ab[]0.1:-_", max_size=12))
def test_looking_up_gives_a_value_or_misses_the_token(value: Any, path: str) -> None:
    for data in ({"a": value}, {"a": json.dumps(value)}):
        token = only_token(f"$(a{path})")
        if token:
            with contextlib.suppress(MissingToken):
                lookup(data, token)
