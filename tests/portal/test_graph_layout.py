"""Layers, columns and routes of drawn workflows, for any graph that a draft may hold."""

from __future__ import annotations

from itertools import pairwise

import hypothesis.strategies as st
from hypothesis import given

from portal.graph_layout import PASSAGE, Link, arrange

NAMES = [f"Step{number}" for number in range(9)]
links = st.lists(st.tuples(st.sampled_from(NAMES), st.sampled_from([*NAMES, "Unknown"])), max_size=20)


def test_a_chain_is_one_straight_column() -> None:
    layout = arrange(["A", "B", "C"], [("A", "B"), ("B", "C")])
    assert layout.layers == 3
    assert layout.width == 1
    assert [(point.x, point.layer) for point in layout.steps.values()] == [(0.5, 0), (0.5, 1), (0.5, 2)]


def test_branches_stand_side_by_side_and_meet_again_below_both() -> None:
    layout = arrange(["If", "Yes", "No", "End"], [("If", "Yes"), ("If", "No"), ("Yes", "End"), ("No", "End")])
    assert [layout.steps[name].layer for name in ("If", "Yes", "No", "End")] == [0, 1, 1, 2]
    assert abs(layout.steps["Yes"].x - layout.steps["No"].x) == 1
    assert layout.steps["If"].x == layout.steps["End"].x


def test_a_long_link_passes_beside_the_steps_between() -> None:
    layout = arrange(["A", "B", "C"], [("A", "B"), ("B", "C"), ("A", "C")])
    route = layout.routes["A", "C"]
    assert [point.layer for point in route] == [0, 1, 2]
    assert abs(route[1].x - layout.steps["B"].x) >= (1 + PASSAGE) / 2


def test_a_link_back_is_drawn_upwards() -> None:
    layout = arrange(["A", "B"], [("A", "B"), ("B", "A")])
    assert [point.layer for point in layout.routes["B", "A"]] == [1, 0]


def test_links_to_nothing_and_to_itself_are_left_out() -> None:
    assert arrange(["A"], [("A", "A"), ("A", "Gone")]).routes == {}


def test_no_steps_need_no_room() -> None:
    layout = arrange([], [])
    assert (layout.width, layout.layers, layout.steps) == (0, 0, {})


def test_a_thousand_steps_are_placed_without_recursion() -> None:
    names = [f"S{number}" for number in range(1000)]
    assert arrange(names, list(pairwise(names))).layers == 1000


@given(links)
def test_steps_never_overlap_and_stay_inside(edges: list[Link]) -> None:
    layout = arrange(NAMES, edges)
    assert set(layout.steps) == set(NAMES)
    for layer in range(layout.layers):
        row = sorted(point.x for point in layout.steps.values() if point.layer == layer)
        assert all(right - left > 1 - 1e-9 for left, right in pairwise(row))
        assert all(0.5 - 1e-9 <= x <= layout.width - 0.5 + 1e-9 for x in row)


@given(links)
def test_every_link_runs_layer_by_layer_from_its_step_to_the_next(edges: list[Link]) -> None:
    layout = arrange(NAMES, edges)
    drawable = {(a, b) for a, b in edges if a != b and b in NAMES}
    assert set(layout.routes) == drawable
    for (a, b), route in layout.routes.items():
        assert (route[0], route[-1]) == (layout.steps[a], layout.steps[b])
        assert {abs(lower.layer - upper.layer) for upper, lower in pairwise(route)} == {1}


@given(links)
def test_the_same_definition_is_always_drawn_the_same(edges: list[Link]) -> None:
    assert arrange(NAMES, edges) == arrange(NAMES, edges)
