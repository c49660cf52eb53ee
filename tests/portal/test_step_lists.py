"""Whatever is inserted, moved and removed, the steps stay one sound graph from start to end."""

from __future__ import annotations

from collections.abc import Callable

from hypothesis import given
from hypothesis import strategies as st

from portal import step_lists
from portal.step_lists import Steps
from workflows.engine import graph

Move = tuple[str, int]
MOVES = st.lists(
    st.tuples(st.sampled_from(["insert", "up", "down", "remove"]), st.integers(0, 30)), max_size=25
)
CHANGES: dict[str, Callable[[Steps, str], Steps]] = {
    "up": step_lists.move_up,
    "down": step_lists.move_down,
    "remove": step_lists.remove,
}


def insert(steps: Steps, after: str) -> Steps:
    step = step_lists.find(steps, after)
    assert step is not None
    name = step_lists.fresh_name(steps, "WriteLog")
    target = step["Outputs"].get("continue")
    new = {"UniqueName": name, "ExtensionName": "WriteLog", "DisplayName": name}
    new["Outputs"] = {"continue": target} if target else {}
    return step_lists.insert(steps, new, after=after, output="continue")


def changed(steps: Steps, move: Move) -> Steps:
    """`steps` after the move, which a person may make only where the page offers it."""
    kind, number = move
    step = steps[number % len(steps)]
    name = step["UniqueName"]
    if kind == "insert":
        return insert(steps, name) if step["Outputs"] else steps
    if kind == "remove" and not step_lists.may_remove(step):
        return steps
    return CHANGES[kind](steps, name)


def flow(steps: Steps) -> list[str]:
    found, step = [], graph.first_step(steps)
    while step is not None:
        found.append(step["UniqueName"])
        step = step_lists.find(steps, step["Outputs"].get("continue", ""))
    return found


@given(MOVES)
def test_the_graph_stays_sound(moves: list[Move]) -> None:
    steps = step_lists.start_and_end()
    for move in moves:
        before = [dict(step, Outputs=dict(step["Outputs"])) for step in steps]
        after = changed(steps, move)
        assert steps == before
        steps = after
        assert graph.problems(steps) == []
        assert len(flow(steps)) == len(steps)
        assert (flow(steps)[0], flow(steps)[-1]) == ("StartNOOP", "EndNOOP")


def test_up_undoes_down() -> None:
    steps = insert(insert(step_lists.start_and_end(), "StartNOOP"), "StartNOOP")
    moved = step_lists.move_down(steps, "WriteLog2")
    assert flow(moved) == ["StartNOOP", "WriteLog1", "WriteLog2", "EndNOOP"]
    assert flow(step_lists.move_up(moved, "WriteLog2")) == flow(steps)


def test_the_first_and_the_last_step_of_people_stay_between_start_and_end() -> None:
    steps = insert(step_lists.start_and_end(), "StartNOOP")
    assert not step_lists.may_move_up(steps, "WriteLog1")
    assert not step_lists.may_move_down(steps, "WriteLog1")


def test_a_last_step_that_is_no_end_is_followed_and_moved_past() -> None:
    """A list that was saved without an end, whose last step was put there by the product (D12)."""
    start, end = step_lists.start_and_end()
    last = {**end, "UniqueName": "Last", "ExtensionName": "WriteLog"}
    steps = insert([{**start, "Outputs": {"continue": "Last"}}, last], "Last")
    assert flow(steps) == ["StartNOOP", "Last", "WriteLog1"]
    moved = step_lists.move_down(steps, "Last")
    assert flow(moved) == ["StartNOOP", "WriteLog1", "Last"]
    assert not step_lists.may_move_up(moved, "WriteLog1"), "the start stays first"
    assert flow(step_lists.move_up(moved, "Last")) == flow(steps)
    assert graph.problems(moved) == []
