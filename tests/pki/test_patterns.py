"""Our matcher says what `re` says, but never takes long."""

from __future__ import annotations

import re

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from workflows.errors import ExpressionFailed, InvalidInput
from workflows.pki.patterns import MAX_PATTERN, compile_pattern

atoms = st.sampled_from(
    [
        "a",
        "b",
        ".",
        "[ab]",
        "[^a]",
        r"\d",
        r"\w",
        r"\b",
        "^",
        "$",
        "(?i:A)",
        r"\.",
        "(?=a)",
        "(?!b)",
        "(?<=a)",
        "(?<!ab)",
    ]
)
counts = st.sampled_from(["*", "+", "?", "{2}", "{1,2}", "{0,3}", "*?", "+?"])
patterns = st.recursive(
    atoms,
    lambda inner: st.one_of(
        st.lists(inner, min_size=1, max_size=4).map("".join),
        st.lists(inner, min_size=1, max_size=3).map(lambda parts: f"(?:{'|'.join(parts)})"),
        st.tuples(inner, counts).map(lambda pair: f"({pair[0]}){pair[1]}"),
    ),
    max_leaves=8,
)


@settings(max_examples=400)
@given(patterns, st.text("abA1.\n", max_size=7))
@example(r"(?i)Key(?-i:X)+", "keyX")
@example(r"^([a-z0-9-]+\.)+keyexample\.com$", "a.b.keyexample.com")
@example(r"(?m)^b$", "a\nb")
@example("a|", "")
def test_it_finds_what_re_finds(pattern: str, text: str) -> None:
    assert compile_pattern(pattern).is_found_in(text) is bool(re.search(pattern, text))


@pytest.mark.parametrize(
    "pattern",
    ["(a+)+$", "(a|aa)+$", "^(?:a?){60}a{60}$", "((((((a*)*)*)*)*)*)*b", "(.*a){20}$", "(?=(a+)+$)b"],
)
def test_patterns_that_would_never_end_do_end(pattern: str) -> None:
    assert compile_pattern(pattern).is_found_in("a" * 50 + "!") is False


def test_past_its_budget_a_match_is_given_up() -> None:
    pattern = compile_pattern("^(?:.?){1000}b")
    with pytest.raises(ExpressionFailed, match="too many steps"):
        pattern.is_found_in("a" * 2000)


@pytest.mark.parametrize(
    ("pattern", "message"),
    [
        ("(", "not well formed"),
        ("a{2,1}", "not well formed"),
        ("a{99999999999}", "not well formed"),
        ("(?<name>a)", "not well formed"),
        (r"(a)\1", "back reference"),
        ("(a)?(?(1)b|c)", "condition"),
        ("(?>a)", "atomic group"),
        ("a*+", "possessive repeat"),
        ("(?<=a+)b", "no fixed length"),
        ("(" * 21 + "a" + ")" * 21, "more than 20 groups"),
        ("(" * 450 + ")" * 450, "more than 20 groups|not well formed"),
        ("a" * (MAX_PATTERN + 1), "at most 1,000"),
    ],
)
def test_a_pattern_that_cannot_be_used_is_refused(pattern: str, message: str) -> None:
    with pytest.raises(InvalidInput, match=message):
        compile_pattern(pattern)
