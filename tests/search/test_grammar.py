from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.search.strategies import nodes
from workflows.errors import InvalidQuery
from workflows.search.grammar import MAXIMUM_DEPTH, MAXIMUM_LENGTH, MAXIMUM_TERMS, parse
from workflows.search.syntax import And, Comparison, Node, Operator, Or, to_text


def eq(name: str, value: str | None = "1") -> Comparison:
    return Comparison(name, Operator.EQ, value)


@pytest.mark.parametrize(
    ("text", "node"),
    [
        ("", None),
        ("  \n", None),
        ('SerialNumber -eq "0A"', eq("SerialNumber", "0A")),
        ("Status -eq 2", eq("Status", "2")),
        ("(ContainerId -eq 5)", eq("ContainerId", "5")),
        ("( ( A -EQ 1 ) )", eq("A")),
        ('CN -notcontains "x"', Comparison("CN", Operator.NOTCONTAINS, "x")),
        ("A -eq NULL", eq("A", None)),
        ("A -ne null", Comparison("A", Operator.NE, None)),
        ('A -eq "NULL"', eq("A", "NULL")),
        ("A -eq %TODAY+7%", eq("A", "%TODAY+7%")),
        ("A -eq %today 30% OR B -eq 1", Or((eq("A", "%today 30%"), eq("B")))),
        ("A -eq -5", eq("A", "-5")),
        ("A -eq -ne", eq("A", "-ne")),
        ("A -eq OR", eq("A", "OR")),
        ("(A -eq OR) AND B -eq and OR C -eq 1", Or((And((eq("A", "OR"), eq("B", "and"))), eq("C")))),
        ('"-eq" -eq 1', eq("-eq")),
        ("A -eq 1 AND B -eq 1", And((eq("A"), eq("B")))),
        ("A -eq 1 or B -eq 1 and C -eq 1", Or((eq("A"), And((eq("B"), eq("C")))))),
        ("A -eq 1 And B -eq 1 Or C -eq 1", Or((And((eq("A"), eq("B"))), eq("C")))),
        ("(A -eq 1 OR B -eq 1) AND C -eq 1", And((Or((eq("A"), eq("B"))), eq("C")))),
        ('A -eq ""', eq("A", "")),
        ('"A (b) ""c""" -eq 1', eq('A (b) "c"')),
        ('"AND" -eq 1', eq("AND")),
        ('A -eq "x"AND(B -eq 1)', And((eq("A", "x"), eq("B")))),
        (r'A -eq "DOMAIN\name"', eq("A", r"DOMAIN\name")),
        (r'A -eq "\\server\share"', eq("A", r"\\server\share")),
        (r'A -eq "say \"hi\" now"', eq("A", 'say "hi" now')),
        ('A -eq "say ""hi"" now"', eq("A", 'say "hi" now')),
        (r'A -eq "C:\certs\\"', eq("A", "C:\\certs\\")),
        (r'A -eq C:\certs\ AND B -eq 1', And((eq("A", "C:\\certs\\"), eq("B")))),
        ('A -eq "line\nline"', eq("A", "line\nline")),
    ],
)  # fmt: skip
def test_queries_are_understood(text: str, node: Node | None) -> None:
    assert parse(text) == node


@pytest.mark.parametrize(
    ("text", "character", "problem"),
    [
        ("A", 2, "expected an operator"),
        ("A =", 3, r"expected an operator \(-eq, -ne, .*\), found '='"),
        ("A -like x", 3, "found '-like'"),
        ("A -eq", 6, "expected a value after -eq, found the end of the query"),
        ("A -eq )", 7, r"expected a value after -eq, found '\)'"),
        ("A -eq AND B -eq 1", 7, "expected a value after -eq, found 'AND'"),
        ("A -eq or (B -eq 1)", 7, "expected a value after -eq, found 'or'"),
        ("-eq 1", 1, "expected the name of a field, found '-eq'"),
        ("A -eq 1 AND -EQ 1", 13, "expected the name of a field, found '-EQ'"),
        ("A -eq %TODAY 7", 14, "AND, OR or the end, found '7'"),
        ("A -eq x y", 9, "AND, OR or the end, found 'y'. A value with spaces stands in double quotes"),
        ("A -eq 1 AND", 12, "name of a field, found the end"),
        ("AND A -eq 1", 1, "name of a field, found 'AND'"),
        ("A -eq 1 OR OR B -eq 1", 12, "name of a field, found 'OR'"),
        ("(A -eq 1", 9, r"AND, OR or '\)', found the end"),
        ("A -eq 1)", 8, r"AND, OR or the end, found '\)'"),
        ("()", 2, r"name of a field, found '\)'"),
        ('A -eq "x', 7, "double quote that opens here is never closed"),
        ('A -eq "x\\"', 7, "never closed"),
        ('A -eq x"y"', 8, "found 'y'"),
        ("A -gt NULL", 7, "NULL goes with -eq and -ne"),
        ("A -eq \0", 7, "NUL"),
        ('A -eq "\ud800"', 8, "surrogate"),
        ("(" * (MAXIMUM_DEPTH + 1) + "A -eq 1", MAXIMUM_DEPTH + 1, "nested more than 20 deep"),
        ("(" * 7_900, MAXIMUM_DEPTH + 1, "nested more than 20 deep"),
        ("A -eq 1 OR " * MAXIMUM_TERMS + "B -eq 1", MAXIMUM_TERMS * 11 + 1, "more than 200 comparisons"),
        ("A -eq 1 OR " * 10_000, MAXIMUM_LENGTH + 1, "longer than 8,000 characters"),
    ],
)
def test_mistakes_are_pointed_at(text: str, character: int, problem: str) -> None:
    with pytest.raises(InvalidQuery, match=rf"at character {character}: .*{problem}"):
        parse(text)


def test_the_limits_themselves_are_allowed() -> None:
    deep = parse("(" * MAXIMUM_DEPTH + "A -eq 1" + ")" * MAXIMUM_DEPTH)
    assert deep == eq("A")
    wide = parse(" OR ".join(["A -eq 1"] * MAXIMUM_TERMS))
    assert isinstance(wide, Or)
    assert len(wide.parts) == MAXIMUM_TERMS


def test_offsets_are_kept_for_messages() -> None:
    node = parse("Id -eq 1 AND  Name -eq  5")
    assert isinstance(node, And)
    last = node.parts[1]
    assert isinstance(last, Comparison)
    assert (last.name_at, last.value_at) == (14, 24)


@given(nodes)
def test_a_tree_survives_being_written_and_read(node: Node) -> None:
    assert parse(to_text(node)) == node


LEXEMES = ["A", "-eq", "-GT", "NULL", "AND", "OR", "(", ")", '"x y"', '"', "\\", "5", "%ME%", " "]


@given(
    st.text()
    | st.text(alphabet='Aa1 ()"\\-%\n', max_size=60)
    | st.lists(st.sampled_from(LEXEMES), max_size=20).map(" ".join)
)
def test_any_text_is_understood_or_refused(text: str) -> None:
    try:
        node = parse(text)
    except InvalidQuery:
        return
    assert node is None or parse(to_text(node)) == node
