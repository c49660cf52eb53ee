"""The drawing of a workflow: words, states, labels, and nothing that the strict CSP forbids."""

from __future__ import annotations

import re

from django.template import engines

from portal.diagrams import NAME_LENGTH, Step, clipped
from workflows.vocabulary.statuses import StepRunStatus

DONE, WAITING = StepRunStatus.Done, StepRunStatus.Waiting
BRANCHES = {"continue": "EndNOOP", "denied": "Tell"}
STEPS = [
    Step("StartNOOP", "Start-NOOP", "Start", {"continue": "Ask"}, status=DONE, left_by="continue"),
    Step("Ask", "Ask <the> officers", "Require Approval", BRANCHES, status=WAITING),
    Step("Tell", "Tell the requester", "Send Email", {"continue": "EndNOOP"}, enabled=False),
    Step("EndNOOP", "End-NOOP", "End"),
]


def drawn(steps: list[Step] = STEPS, with_status: bool = True) -> str:
    template = engines["django"].from_string(
        "{% load workflow_diagram %}{% workflow_diagram steps 'Web servers' with_status=with_status %}"
    )
    return template.render({"steps": steps, "with_status": with_status})


def test_it_names_and_describes_itself() -> None:
    svg = drawn()
    assert "<title>Web servers</title>" in svg
    assert "4 steps: Start-NOOP, Ask &lt;the&gt; officers, Tell the requester, End-NOOP." in svg
    assert 'role="img"' in svg


def test_states_are_words_as_well_as_colours() -> None:
    svg = drawn()
    assert "Require Approval · Waiting" in svg
    assert 'data-tone="waiting"' in svg
    assert "Send Email · disabled" in svg
    assert "End · Not reached" in svg


def test_a_definition_alone_shows_no_states() -> None:
    svg = drawn(with_status=False)
    assert "data-tone" not in svg
    assert "Waiting" not in svg


def test_only_outputs_that_branch_are_labelled() -> None:
    labels = re.findall(r'class="label"[^>]*>([^<]*)<', drawn())
    assert labels == ["denied"]


def test_outputs_to_the_same_step_share_a_line() -> None:
    steps = [Step("A", "A", "Condition", {"true": "B", "false": "B"}), Step("B", "B", "End")]
    svg = drawn(steps)
    assert svg.count('class="edge"') == 1
    assert ">true, false<" in svg


def test_the_way_taken_is_marked() -> None:
    assert drawn().count('class="edge taken"') == 1


def test_it_carries_no_inline_style() -> None:
    assert "style" not in drawn()


def test_an_empty_definition_is_drawn_as_an_empty_sheet() -> None:
    assert 'viewBox="0 0 ' in drawn([])


def test_long_names_are_cut_by_their_width() -> None:
    assert clipped("a" * NAME_LENGTH) == "a" * NAME_LENGTH
    assert clipped("a" * 4000) == "a" * (NAME_LENGTH - 1) + "…"
    assert clipped("証" * 40) == "証" * ((NAME_LENGTH - 1) // 2) + "…"
