"""Queries as people and generators may write them."""

from __future__ import annotations

from hypothesis import strategies as st

from workflows.search.syntax import And, Comparison, Node, Operator, Or

names = st.from_regex(r'[A-Za-z][A-Za-z0-9_. ()"-]{0,8}', fullmatch=True)
values = st.text(
    st.characters(codec="utf-8", exclude_characters="\0") | st.sampled_from('"\\\\ ()'), max_size=12
)


@st.composite
def comparisons(draw: st.DrawFn) -> Comparison:
    operator = draw(st.sampled_from(Operator))
    nulls = st.none() if operator in {Operator.EQ, Operator.NE} else st.nothing()
    return Comparison(draw(names), operator, draw(values | nulls))


def _joined(parts: st.SearchStrategy[Node]) -> st.SearchStrategy[Node]:
    several = st.lists(parts, min_size=2, max_size=3).map(tuple)
    return several.map(And) | several.map(Or)


nodes: st.SearchStrategy[Node] = st.recursive(comparisons(), _joined, max_leaves=12)
