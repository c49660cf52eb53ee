"""Small bodies that ask for much work are refused before the work is done."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests import builders
from workflows.engine import documents, limits
from workflows.errors import LONGEST_LISTED, MOST_LISTED, InvalidDefinition
from workflows.vocabulary.workflow_types import WorkflowType

pytestmark = pytest.mark.django_db

MAIL = {"Subject": "Hello", "Message": "x"}


def refused(*middle: builders.Step) -> InvalidDefinition:
    with pytest.raises(InvalidDefinition) as caught:
        documents.prepare(WorkflowType.Expiration, builders.chain(*middle))
    return caught.value


def many(count: int) -> dict[str, Any]:
    return {f"n{number}": "x" for number in range(count)}


def mail(*recipients: str, name: str = "Tell") -> builders.Step:
    return builders.step("Email", name, ConfigurationParameters={**MAIL, "Recipients": list(recipients)})


def script(values: dict[str, Any]) -> builders.Step:
    return builders.step(
        "SetVariable", "Set", ConfigurationParameters={"ScriptContent": "{}", "ScriptParameters": values}
    )


@pytest.mark.parametrize(
    ("step", "problem"),
    [
        (
            builders.step("NOOPStep", "A", Conditions=[{"Value": "1 < 2"}] * 20_000),
            "has 20,000 conditions; 20 are allowed.",
        ),
        (mail(*["role:x"] * 60_000), "has 60,000 entries in the parameter Recipients; 100 are allowed."),
        (script({"a": ["b"] * 100}), "has 101 entries in the parameter ScriptParameters; 100 are allowed."),
        (script(many(101)), "has 101 entries in the parameter ScriptParameters; 100 are allowed."),
        (
            builders.step("NOOPStep", "A", ConfigurationParameters=many(5_000)),
            "has 5,000 parameters; 100 are allowed.",
        ),
        (
            builders.step("RequireApproval", "A", Signals=[{"SignalName": "ApprovalStatus"}] * 11),
            "has 11 signals; 10 are allowed.",
        ),
        (
            builders.step(
                "RequireApproval",
                "A",
                Signals=[{"SignalName": "ApprovalStatus", "RoleIds": [*range(99)], "RoleTokens": ["a", "b"]}],
            ),
            "has 101 roles in a signal; 100 are allowed.",
        ),
    ],
    ids=["conditions", "recipients", "inner lists", "maps", "parameters", "signals", "roles"],
)
def test_too_much_of_anything_is_refused_by_its_count_alone(step: builders.Step, problem: str) -> None:
    assert refused(step).problems == [f"Step '{step['UniqueName']}' {problem}"]


def test_too_many_outputs_are_refused() -> None:
    step = builders.step("NOOPStep", "A")
    step["Outputs"] = many(21)
    (problem,) = limits.excess(step)
    assert problem == "Step 'A' has 21 outputs; 20 are allowed."


def test_as_much_as_allowed_is_taken() -> None:
    step = mail(*(f"a{number}@keyexample.com" for number in range(limits.ENTRIES)))
    step["Conditions"] = [{"Value": "True"}] * limits.CONDITIONS
    assert documents.prepare(WorkflowType.Expiration, builders.chain(step))


def test_all_conditions_of_a_definition_are_counted() -> None:
    conditions = [{"Value": "1 < 2"}] * limits.CONDITIONS
    steps = [builders.step("NOOPStep", f"A{number}", Conditions=conditions) for number in range(51)]
    assert refused(*steps).problems == ["The definition has 1,020 conditions; 1,000 are allowed."]


def test_names_count_in_any_case() -> None:
    assert limits.excess({"uniquename": "A", "CONDITIONS": [{}] * 21}) == [
        "Step 'A' has 21 conditions; 20 are allowed."
    ]


def test_many_roles_are_looked_up_at_once() -> None:
    with CaptureQueriesContext(connection) as one:
        assert len(refused(mail("role:x")).problems) == 1
    with CaptureQueriesContext(connection) as hundred:
        assert len(refused(mail(*(f"role:x{number}" for number in range(100)))).problems) == 100
    assert len(hundred) == len(one)


def test_addresses_joined_in_one_text_are_counted_too() -> None:
    (problem,) = refused(mail(";".join(f"n{number}" for number in range(300)))).problems
    assert problem == "Step 'Tell' would reach nobody: 300 recipients are written out; 200 are allowed."


def test_a_long_list_of_problems_is_cut() -> None:
    error = refused(*(mail(*(f"role:{name}{n}" for n in range(90)), name=name) for name in ("Tell", "Say")))
    assert len(error.found) == 180
    assert len(error.problems) == MOST_LISTED + 1
    assert error.problems[-1] == "And 80 more."
    assert str(error).endswith("And 80 more.")


def test_a_long_problem_is_cut() -> None:
    (problem,) = refused(mail("x" * 100_000)).problems
    assert len(problem) == LONGEST_LISTED + 1
