"""Queries of any length and depth: understood within the limits, refused by name beyond them."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from tests.search.test_grammar import LEXEMES
from workflows.errors import InvalidQuery
from workflows.search.grammar import MAXIMUM_DEPTH, MAXIMUM_LENGTH, MAXIMUM_TERMS, parse
from workflows.search.syntax import And, Comparison, Node, Or

around_depth = st.integers(0, 2 * MAXIMUM_DEPTH) | st.integers(0, 5_000)
around_terms = st.integers(1, 2 * MAXIMUM_TERMS) | st.integers(1, 10_000)


def refusal(text: str) -> str:
    """Why the text is refused, empty when it is understood; the place is one of the text or its end."""
    try:
        parse(text)
    except InvalidQuery as error:
        (place,) = re.findall(r"at character (\d+): ", str(error))
        assert 1 <= int(place) <= len(text) + 1
        return str(error)
    return ""


def terms_of(node: Node | None) -> int:
    match node:
        case Comparison():
            return 1
        case And(parts) | Or(parts):
            return sum(map(terms_of, parts))
    return 0


@given(depth=around_depth, terms=around_terms, word=st.sampled_from(["AND", "or"]))
def test_a_query_is_understood_up_to_the_limits_and_refused_beyond_them(
    depth: int, terms: int, word: str
) -> None:
    text = "(" * depth + f" {word} ".join(["A -eq 1"] * terms) + ")" * depth
    within = len(text) <= MAXIMUM_LENGTH and depth <= MAXIMUM_DEPTH and terms <= MAXIMUM_TERMS
    assert (refusal(text) == "") is within
    if within:
        assert terms_of(parse(text)) == terms


@given(inner=st.integers(1, MAXIMUM_DEPTH + 2), groups=st.integers(1, 150))
def test_depth_is_counted_from_each_parenthesis_that_is_open(inner: int, groups: int) -> None:
    group = "(" * inner + "A -eq 1" + ")" * inner
    text = " AND ".join([group] * groups)
    if len(text) <= MAXIMUM_LENGTH:
        assert ("nested" in refusal(text)) is (inner > MAXIMUM_DEPTH)


@given(st.lists(st.sampled_from(LEXEMES), max_size=3).map(" ".join), st.integers(1, 10_000))
def test_whatever_is_repeated_ten_thousand_times_has_an_answer(piece: str, times: int) -> None:
    refusal(piece * times)
    refusal(f"{piece} " * times)
