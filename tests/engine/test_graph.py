"""The graph of steps: judged beside a model of its own, a matrix of paths."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests.builders import chain, noops, step
from workflows.engine import graph

Step = dict[str, Any]
Edges = list[tuple[int, int]]


def steps_of(count: int, edges: Edges) -> list[Step]:
    """Steps `s0`, `s1`, … with an output for each edge."""
    return [
        {
            "UniqueName": f"s{source}",
            "Outputs": {f"to{target}": f"s{target}" for origin, target in edges if origin == source},
        }
        for source in range(count)
    ]


@st.composite
def graphs(draw: st.DrawFn) -> tuple[int, Edges]:
    count = draw(st.integers(1, 8))
    nodes = st.integers(0, count - 1)
    return count, draw(st.lists(st.tuples(nodes, nodes), max_size=14, unique=True))


@st.composite
def flows(draw: st.DrawFn) -> tuple[int, Edges]:
    """Every node but the first has a predecessor before it: one entry, no circle."""
    count = draw(st.integers(1, 8))
    tree = [(draw(st.integers(0, node - 1)), node) for node in range(1, count)]
    forward = [(a, b) for a in range(count) for b in range(a + 1, count)]
    more = draw(st.lists(st.sampled_from(forward), max_size=6)) if forward else []
    order = draw(st.permutations(range(count)))
    return count, [(order[a], order[b]) for a, b in dict.fromkeys([*tree, *more])]


def reaches(count: int, edges: Edges) -> list[list[bool]]:
    """Whether a path of one edge or more leads from a to b (Warshall)."""
    found = [[(a, b) in edges for b in range(count)] for a in range(count)]
    for middle in range(count):
        for a in range(count):
            for b in range(count):
                found[a][b] = found[a][b] or (found[a][middle] and found[middle][b])
    return found


def is_flow(count: int, edges: Edges) -> bool:
    """No circle, one entry, and everything reached from it."""
    path = reaches(count, edges)
    entries = [b for b in range(count) if not any((a, b) in edges for a in range(count))]
    if any(path[node][node] for node in range(count)) or len(entries) != 1:
        return False
    return all(node == entries[0] or path[entries[0]][node] for node in range(count))


@given(graphs())
@example((2, [(0, 1), (1, 0)]))
@example((3, [(0, 2), (1, 2)]))
def test_exactly_flows_are_accepted(drawn: tuple[int, Edges]) -> None:
    count, edges = drawn
    assert (graph.problems(steps_of(count, edges)) == []) == is_flow(count, edges)


@given(flows())
def test_every_flow_is_accepted_and_has_a_first_step(drawn: tuple[int, Edges]) -> None:
    steps = steps_of(*drawn)
    assert graph.problems(steps) == []
    assert graph.first_step(steps) is not None


@given(graphs())
def test_a_circle_is_named_along_its_edges(drawn: tuple[int, Edges]) -> None:
    count, edges = drawn
    circle = graph._cycle(steps_of(count, edges))
    path = reaches(count, edges)
    assert bool(circle) == any(path[node][node] for node in range(count))
    if circle:
        numbers = [int(name.removeprefix("s")) for name in circle]
        assert numbers[0] == numbers[-1]
        assert all(edge in edges for edge in pairwise(numbers))


names = st.text(max_size=4)


@given(st.lists(st.fixed_dictionaries({"UniqueName": names, "Outputs": st.dictionaries(names, names)})))
def test_no_steps_whatever_make_it_raise(steps: list[Step]) -> None:
    assert all(isinstance(problem, str) for problem in graph.problems(steps))


def test_names_are_told_apart_without_case() -> None:
    steps = chain(step("NOOPStep", "Twice"), step("NOOPStep", "tWICE"))
    assert graph.problems(steps) == [
        "UniqueName 'Twice' is used more than once; give each step its own.",
        "UniqueName 'tWICE' is used more than once; give each step its own.",
    ]


def test_a_dangling_output_names_step_output_and_target() -> None:
    steps = [step("NOOPStep", "StartNOOP", to="Nowhere")]
    assert graph.problems(steps) == [
        "Step 'StartNOOP': output 'continue' leads to 'Nowhere', which is not a step."
    ]


def test_an_unreachable_step_is_named() -> None:
    steps = [*noops(3), step("NOOPStep", "Lonely")]
    assert graph.problems(steps) == ["Step 'Lonely' can never be reached; connect it or remove it."]


def test_the_entry_that_people_mean_is_the_one_that_leads_farthest() -> None:
    steps = [step("NOOPStep", "Lonely", to="Last"), *noops(4), step("NOOPStep", "Last", to=None)]
    steps[1]["UniqueName"], steps[-2]["Outputs"] = "Begin", {"continue": "Last"}
    assert graph.problems(steps) == ["Step 'Lonely' can never be reached; connect it or remove it."]


@pytest.mark.parametrize(("count", "fits"), [(graph.MAXIMUM_STEPS, True), (graph.MAXIMUM_STEPS + 1, False)])
def test_a_definition_has_a_largest_size(count: int, fits: bool) -> None:
    assert (graph.problems(noops(count)) == []) == fits


def test_the_longest_chain_is_judged_without_recursion() -> None:
    steps = noops(graph.MAXIMUM_STEPS)
    steps[-1]["Outputs"] = {"continue": "StartNOOP"}
    assert graph.problems(steps)[0].startswith("Steps run in a circle: StartNOOP → ")
