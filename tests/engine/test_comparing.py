"""What differs between two versions, and random flows through save, compare and save again."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings

from tests.builders import Step, chain, step
from tests.engine.strategies import flows
from workflows.engine import documents
from workflows.engine.comparing import Change, compare
from workflows.vocabulary.workflow_types import WorkflowType

ALONE = ("Decision", "NOOPStep", "RESTRequest", "SetVariable", "Wait", "WriteLog")  # ask no database


def saved(steps: list[Step], earlier: list[Step] | None = None) -> list[Step]:
    return documents.prepare(WorkflowType.Expiration, steps, earlier or [])


@settings(max_examples=25, deadline=None)
@given(flows(ALONE))
def test_a_flow_saved_again_under_other_ids_is_equal(flow: list[Step]) -> None:
    assert compare(saved(flow), saved(flow[::-1])) == []


@settings(max_examples=25, deadline=None)
@given(flows(ALONE), flows(ALONE))
def test_a_comparison_backwards_says_the_same(first: list[Step], second: list[Step]) -> None:
    before, after = saved(first), saved(second)
    forth, back = (
        {each.unique_name: each for each in compare(*pair)} for pair in ((before, after), (after, before))
    )
    assert forth.keys() == back.keys()
    for name, change in forth.items():
        turned = tuple(Change(each.field, each.after, each.before) for each in back[name].changes)
        assert change.changes == turned


def test_each_kind_of_change_is_told() -> None:
    first = chain(step("WriteLog", "Log", ConfigurationParameters={"Message": "a"}), step("NOOPStep", "Old"))
    second = chain(
        step("WriteLog", "Log", ConfigurationParameters={"Message": "b"}, Conditions=[{"Value": "True"}]),
        step("NOOPStep", "New"),
    )
    found = {each.unique_name: each for each in compare(saved(first), saved(second))}
    assert {name: each.kind for name, each in found.items()} == {
        "Log": "Changed",
        "New": "Added",
        "Old": "Removed",
    }
    assert found["Log"].changes == (
        Change("Conditions", [], ["True"]),
        Change("ConfigurationParameters.Message", "a", "b"),
        Change("Outputs.continue", "Old", "New"),
    )


@pytest.mark.parametrize(("again", "count"), [(None, 0), ({"SecretValue": "whsec_" + "B" * 32}, 1)])
def test_a_changed_secret_is_told_and_not_shown(again: Any, count: int) -> None:
    def hook(secret: Any) -> list[Step]:
        values = {"URL": "https://a.example", "SigningSecret": secret}
        return chain(step("Webhook", "Tell", ConfigurationParameters=values))

    before = saved(hook({"SecretValue": "whsec_" + "A" * 32}))
    found = compare(before, saved(hook(again), before))
    assert len(found) == count
    told = Change("ConfigurationParameters.SigningSecret", None, None, is_withheld=True)
    assert all(each.changes == (told,) for each in found)


def test_a_secret_that_is_new_is_told_too() -> None:
    def call(**secret: Any) -> list[Step]:
        values = {"Verb": "GET", "URL": "https://a.example", "UseBasicAuth": bool(secret), **secret}
        return saved(chain(step("RESTRequest", "Call", ConfigurationParameters=values)))

    (found,) = compare(call(), call(BasicUsername="u", BasicPassword={"SecretValue": "secret"}))
    withheld = [each for each in found.changes if each.is_withheld]
    assert withheld == [Change("ConfigurationParameters.BasicPassword", None, None, is_withheld=True)]


def test_what_is_withheld_are_parameters_and_conditions_alone() -> None:
    values = {"ConfigurationParameters": {"Message": "b"}, "Conditions": [{"Value": "True"}]}
    (found,) = compare(
        saved(chain(step("WriteLog", "Log", ConfigurationParameters={"Message": "a"}))),
        saved(chain(step("WriteLog", "Log", Enabled=False, **values))),
    )
    assert found.withheld().changes == (
        Change("Conditions", None, None, is_withheld=True),
        Change("ConfigurationParameters.Message", None, None, is_withheld=True),
        Change("Enabled", True, False),
    )
