"""Configuration parameters: names without case, types, ranges, choices."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflows.engine import parameters
from workflows.engine.contracts import Parameter, StepType
from workflows.engine.expressions.places import Place
from workflows.vocabulary.parameters import ParameterType


class Everything(StepType):
    extension_name = "Everything"
    display_name = "Everything"
    parameters = (
        Parameter("Text", "Text", place=Place.TEXT),
        Parameter("Count", "Count", ParameterType.Integer, default=3, minimum=1, maximum=9),
        Parameter("Flag", "Flag", ParameterType.Boolean, default=False),
        Parameter("Key", "Key", ParameterType.Secret),
        Parameter("Names", "Names", ParameterType.StringArray),
        Parameter("Headers", "Headers", ParameterType.StringMap),
        Parameter("Script", "Script", ParameterType.Script),
        Parameter("Free", "Free", ParameterType.Json),
        Parameter("Verb", "Verb", choices=("GET", "PUT")),
    )


EVERYTHING = Everything()


class Needy(StepType):
    extension_name = "Needy"
    display_name = "Needy"
    parameters = (Parameter("Name", "Name", required=True),)


def problems_of(given: dict[str, Any], step_type: StepType = EVERYTHING) -> list[str]:
    return parameters.canonical(step_type, given, {})[1]


@pytest.mark.parametrize("name", ["Count", "count", "COUNT"])
def test_names_are_matched_without_case_and_kept_as_declared(name: str) -> None:
    assert parameters.canonical(EVERYTHING, {name: 2}, {}) == ({"Count": 2}, [])


def test_a_name_in_two_cases_is_refused() -> None:
    assert problems_of({"Text": "a", "text": "b", "TEXT": "c"}) == [
        "names the parameter Text 3 times; give it once."
    ]


def test_all_problems_come_at_once() -> None:
    found = problems_of({"Count": 10, "Text": "$(a b)", "Nonsense": 1, "Names": [1]})
    assert len(found) == 4


class Choosy(Everything):
    def problems(self, parameters: Mapping[str, Any]) -> list[str]:
        return [f"does not like {parameters['Text'].upper()}."]


def test_a_step_type_judges_what_has_the_right_types_beside_other_problems() -> None:
    assert problems_of({"Text": "b", "Nonsense": 1}, Choosy())[1:] == ["does not like B."]
    assert problems_of({"Text": 1}, Choosy()) == ["parameter Text must be text."]


GOOD: dict[str, list[Any]] = {
    "Text": ["", "some", None],
    "Count": [1, 9, None],
    "Flag": [True, False],
    "Key": [{"SecretValue": "s"}, {"SecretValue": ""}, None],
    "Names": [[], ["a", "b"]],
    "Headers": [{}, {"a": "b"}, {"a": ["b", "c"]}],
    "Script": ["return 1"],
    "Free": [1, "a", [1], {"a": None}, None],
    "Verb": ["GET"],
}
BAD: dict[str, tuple[str, list[Any]]] = {
    "Text": ("text", [1, True, [], {}]),
    "Count": ("a whole number", ["1", 1.0, True, []]),
    "Flag": ("true or false", [0, "true", []]),
    "Key": (
        'an object {"SecretValue": "…"} with the secret itself',
        ["secret", {}, {"SecretValue": 1}, {"$sealed": "AA=="}],
    ),
    "Names": ("a list of texts", ["a", [1], {"a": "b"}]),
    "Headers": (
        "an object of texts, or of lists of texts",
        [[], {"a": 1}, {"": "b"}, {1: "b"}, {"X": [1, {"a": 1}]}, {"X": ["a", None]}, {"X": [["a"]]}],
    ),
    "Script": ("text", [1]),
    "Verb": ("one of GET, PUT", ["get", "POST"]),
}


@pytest.mark.parametrize(
    ("name", "value"), [(name, value) for name, values in GOOD.items() for value in values]
)
def test_values_of_its_type_are_taken(name: str, value: Any) -> None:
    assert problems_of({name: value}) == []


@pytest.mark.parametrize(
    ("name", "expected", "value"),
    [(name, expected, value) for name, (expected, values) in BAD.items() for value in values],
)
def test_others_are_refused_with_what_is_expected(name: str, expected: str, value: Any) -> None:
    assert problems_of({name: value}) == [f"parameter {name} must be {expected}."]


@pytest.mark.parametrize(("value", "limit"), [(0, "at least 1"), (-5, "at least 1"), (10, "at most 9")])
def test_numbers_have_their_range(value: int, limit: str) -> None:
    assert problems_of({"Count": value}) == [f"parameter Count must be {limit}."]


@pytest.mark.parametrize("given", [{}, {"Name": None}, {"name": ""}])
def test_what_is_required_must_be_there(given: dict[str, Any]) -> None:
    assert problems_of(given, Needy()) == ["needs the parameter Name."]


def test_an_unknown_name_is_refused_with_the_known_ones() -> None:
    assert problems_of({"Colour": 1, "Name": "x"}, Needy()) == ["has no parameter Colour; it takes Name."]


def test_defaults_stand_for_what_is_absent_or_null() -> None:
    values = parameters.with_defaults(EVERYTHING, {"Count": None, "Text": "x"})
    assert (values["Count"], values["Flag"], values["Text"], values["Verb"]) == (3, False, "x", None)
    assert list(values) == [each.name for each in EVERYTHING.parameters]


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=6,
)
known = st.sampled_from([each.name for each in EVERYTHING.parameters])


@given(st.dictionaries(known | st.text(max_size=3), json_values, max_size=5))
def test_no_value_whatever_makes_it_raise(given: dict[str, Any]) -> None:
    values, problems = parameters.canonical(EVERYTHING, given, {})
    assert set(values) <= {each.name for each in EVERYTHING.parameters}
    assert all(isinstance(problem, str) for problem in problems)


def test_reads_show_no_secret() -> None:
    stored = {"Key": {"$sealed": "AAAA", "Row": "1"}, "Text": "shown"}
    assert parameters.without_secrets(EVERYTHING, stored) == {"Key": None, "Text": "shown"}
    assert parameters.without_secrets(None, stored) == {}
