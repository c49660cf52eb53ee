"""The examples of the API's description have exactly the fields that bodies and answers have."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from workflows.api.profiles import Profile
from workflows.api.schema import description

DOCUMENT = description(Profile.DOCUMENTED)
CONTENT = "application/json"
Node = dict[str, Any]


def examples() -> Iterator[Any]:
    """The schema and the value of each, named after its operation."""
    for path, verbs in DOCUMENT["paths"].items():
        for verb, operation in verbs.items():
            for body in (operation.get("requestBody", {}), *operation["responses"].values()):
                media = body.get("content", {}).get(CONTENT, {})
                for example in media.get("examples", {}).values():
                    yield pytest.param(media["schema"], example["value"], id=f"{verb} {path}")


def resolved(schema: Node) -> Node:
    if "$ref" in schema:
        return resolved(DOCUMENT["components"]["schemas"][schema["$ref"].rpartition("/")[2]])
    return resolved(schema["allOf"][0]) if "allOf" in schema else schema


def check(schema: Node, value: Any, place: str) -> None:
    schema = resolved(schema)
    if isinstance(value, list):
        for number, each in enumerate(value):
            check(schema["items"], each, f"{place}[{number}]")
    elif isinstance(value, dict) and "properties" in schema:
        assert set(value) == set(schema["properties"]), place
        for name, each in value.items():
            check(schema["properties"][name], each, f"{place}.{name}")


@pytest.mark.parametrize(("schema", "value"), list(examples()))
def test_an_example_has_the_fields_of_its_shape(schema: Node, value: Any) -> None:
    check(schema, value, "example")


def test_there_are_examples() -> None:
    assert len(list(examples())) > 10
