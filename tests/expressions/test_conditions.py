from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.expressions.strategies import json_values
from workflows.engine.expressions.conditions import check, evaluate, free_names
from workflows.errors import ExpressionFailed, MissingToken

DATA: dict[str, Any] = {
    "cn": "www.example.com",
    "Flag": True,
    "off": "false",
    "n": 3,
    "SANs": {"dns": ["a.example.com", "b.example.com"]},
    "Metadata": {"Owner": "Ann"},
    "nothing": None,
    "two words": 1,
    "len": "a name of Python's own",
}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("True", True),
        (" false ", False),
        ("TRUE", True),
        ("$(Flag)", True),
        ("$(flag)", True),
        (" $(off) ", False),
        ("not $(off) == 'false'", False),
        ("n > 2 and cn.endswith('.example.com')", True),
        ("$(n)==3", True),
        ("$(two) == 1", None),
        ("$(metadata:Owner) in ('Ann', 'Bob')", True),
        ("any(name.startswith('b.') for name in SANs['dns'])", True),
        ("[$(n), $(n)] == [3, 3]", True),
        ("nothing is None", True),
        ("$(nothing) is None", True),
        ('len == "a name of Python\'s own"', True),
        ("'TRUE'", True),
        ("n > 2  # enough", True),
    ],
)
def test_conditions_come_out(text: str, value: bool | None) -> None:
    if value is None:
        with pytest.raises(MissingToken):
            evaluate(text, DATA)
    else:
        assert evaluate(text, DATA).value is value
    check(text)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("$(cn)", "gave a text, not True or False"),
        ("$(nothing)", r"gave nothing \(null\), not True or False"),
        ("$(SANs)", "gave an object"),
        ("n", "gave a number"),
        ("[True]", "gave a list"),
        ("(1, 2)", "Python tuple"),
        ("unknown == 1", r"unknown == 1: NameError: name 'unknown' is not defined"),
        ("n / 0 == 1", "ZeroDivisionError: division by zero"),
        ("1 << 10 ** 6", "too many digits"),
    ],
)
def test_what_cannot_be_decided_says_why(text: str, problem: str) -> None:
    with pytest.raises(ExpressionFailed, match=problem):
        evaluate(text, DATA)
    check(text)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "empty"),
        ("n ==", "SyntaxError"),
        ("n = 3", "SyntaxError"),
        ("import os", "SyntaxError"),
        ("True; True", "SyntaxError"),
        ("True\nFalse", "more than one line"),
        ("'$(cn)' == 'www'", r"\$\(cn\) stands inside quotes"),
        ("f'{$(cn)}' == 'www'", r"\$\(cn\) stands inside quotes"),
        ("$(n) > 2  # not $(cn)", r"\$\(cn\) stands inside quotes"),
        ("$(a b) == 1", "SyntaxError"),
        ("'" + "x" * 2000 + "'", "longer than 2,000 characters"),
        ("$(n)" * 100_000, "longer than 2,000 characters"),
        ("not " * 499 + "n", "SyntaxError"),
        ("'unclosed $(cn)", "SyntaxError|inside quotes"),
    ],
)
def test_what_is_no_condition_shows_before_publishing(text: str, problem: str) -> None:
    with pytest.raises(ExpressionFailed, match=problem):
        check(text)
    with pytest.raises(ExpressionFailed, match=problem):
        evaluate(text, DATA)


def test_a_missing_token_is_named() -> None:
    with pytest.raises(MissingToken, match=r"\$\(gone\)"):
        evaluate("$(gone)", DATA)
    with pytest.raises(MissingToken, match=r"\$\(gone.deep\)"):
        evaluate("$(gone.deep) == 1", DATA)


def test_aliases_are_tokens() -> None:
    aliases = {"answer": lambda data: data["n"] * 14}
    assert evaluate("$(answer) == 42", DATA, aliases).value is True
    assert evaluate("$(ok)", DATA, {"ok": lambda data: "True"}).value is True


def test_aliases_are_names_too_in_their_own_case() -> None:
    aliases = {"answer": lambda data: data["n"] * 14, "n": lambda data: 0, "gone": lambda data: data["none"]}
    assert evaluate("answer == 42 and n == 3", DATA, aliases).value is True
    for unknown in ("Answer == 42", "gone == 1"):
        with pytest.raises(ExpressionFailed, match="NameError"):
            evaluate(unknown, DATA, aliases)


def test_only_names_are_looked_up() -> None:
    """Words in quotes and attributes cost no look-up, and one that fails there concerns nobody."""

    def refuse(data: object) -> None:
        raise AssertionError

    assert evaluate("'cn' != 'x' and 'x'.lower() == 'x'", {}, {"cn": refuse, "lower": refuse}).value is True


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("True", []),
        ("$(cn)", []),
        ("$(cn) == other", ["other"]),
        ("any(part in names for part in $(cn))", ["any", "names"]),
        ("(lambda a, *b, c=1: a + d)(e)", ["d", "e"]),
        ("(n := 3) > n", []),
        ("'a' in \"b\" or c.d[e]", ["c", "e"]),
        ("no expression at all", []),
        ("(" * 1999 + "n", []),
    ],
)
def test_free_names(text: str, names: list[str]) -> None:
    assert sorted(free_names(text)) == names


def test_the_values_that_decided_are_kept_short_and_as_json() -> None:
    result = evaluate("$(Flag) and n == 3 and big != 'x'", {**DATA, "big": "x" * 5000, "unused": 1})
    assert result.text == "$(Flag) and n == 3 and big != 'x'"
    assert result.inputs == {"$(Flag)": True, "n": 3, "big": "x" * 200 + "…"}
    json.dumps(dict(result.inputs))


def test_an_error_never_quotes_the_data() -> None:
    for text in ("int(cn) == 1", "{}[cn]", "$(cn)", "getattr(n, cn)", "1 + cn", "cn.index('q')"):
        with pytest.raises(ExpressionFailed) as caught:
            evaluate(text, DATA)
        assert "www" not in str(caught.value)
        assert caught.value.__suppress_context__


def test_a_value_is_never_taken_for_code() -> None:
    data = {"cn": "' or True or '", "v": "__import__('os')"}
    assert evaluate("$(cn) == 'x'", data).value is False
    assert evaluate("$(v) == 'x'", data).value is False


def test_the_clock_shows_the_given_moment() -> None:
    now = datetime(2031, 5, 6, tzinfo=UTC)
    with pytest.raises(ExpressionFailed):
        check("import datetime")
    text = "__import__('datetime').date.today().year == 2031"
    with pytest.raises(ExpressionFailed, match="__import__"):
        evaluate(text, DATA, now=now)


@settings(max_examples=50)
@given(json_values)
def test_any_value_reaches_the_expression_as_it_is(value: Any) -> None:
    data = {"v": value, "same": json.dumps(value)}
    assert evaluate("$(v) == v and v == other", {**data, "other": value}).value is True


@settings(max_examples=200)
@given(st.text(max_size=40) | st.text(alphabet="$(n)'\"=+ #\\[]", max_size=20))
def test_any_text_is_decided_or_refused(text: str) -> None:
    for run in (check, lambda each: evaluate(each, DATA)):
        try:
            run(text)
        except (ExpressionFailed, MissingToken):
            continue
