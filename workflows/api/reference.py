"""The OpenAPI description as a person reads it: resources, their operations, an example of each body."""

from __future__ import annotations

import functools
import json
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from django.utils.text import slugify

from workflows.api.profiles import Profile
from workflows.api.schema import description

DEEPEST = 6  # levels of an example; schemas may hold themselves
_SAMPLES: dict[str, Any] = {"integer": 1, "number": 1.5, "boolean": True, "string": "text"}
_FORMATS = {
    "uuid": "0b61c1b2-3a5f-4f0e-9a53-0d1c8e1f7a11",
    "date-time": "2025-03-03T08:15:00Z",
    "date": "2025-03-03",
    "email": "ada@keyexample.com",
    "uri": "https://keyexample.com/",
}
_BOUNDS = {"minimum": "from", "maximum": "to"}
_VERBS = ("get", "post", "put", "patch", "delete")
Node = dict[str, Any]


@dataclass(frozen=True)
class Parameter:
    """`place` is path, query or header; `kind` says type and bounds."""

    name: str
    place: str
    kind: str
    is_required: bool
    text: str
    default: str


@dataclass(frozen=True)
class Answer:
    """`status` is a number or, for every failure, `default`; `example` is JSON, empty without a body."""

    status: str
    example: str


@dataclass(frozen=True)
class Operation:
    """`permissions`: the caller must hold one of them, and one of `beside`; `body` is an example as JSON."""

    name: str
    verb: str
    path: str
    text: str
    permissions: tuple[str, ...]
    beside: tuple[str, ...]
    parameters: tuple[Parameter, ...]
    body: str | None
    answers: tuple[Answer, ...]

    @property
    def opens_by_itself(self) -> bool:
        """Whether a plain form of a browser can call it."""
        needed = [each for each in self.parameters if each.is_required or each.place == "query"]
        return self.verb == "GET" and all(each.place == "query" for each in needed)


@dataclass(frozen=True)
class Resource:
    name: str
    slug: str
    operations: tuple[Operation, ...]


@functools.cache
def resources() -> tuple[Resource, ...]:
    """All of `/api/`, by name."""
    document = description(Profile.DOCUMENTED)
    schemas = document["components"]["schemas"]
    found = [
        (verbs[verb]["tags"][0], _operation(verb, path, verbs[verb], schemas))
        for path, verbs in document["paths"].items()
        for verb in _VERBS
        if verb in verbs
    ]
    found.sort(key=lambda each: each[0])
    return tuple(
        Resource(tag, slugify(tag), tuple(operation for _tag, operation in members))
        for tag, members in groupby(found, key=lambda each: each[0])
    )


def _operation(verb: str, path: str, node: Node, schemas: Node) -> Operation:
    return Operation(
        name=node["operationId"],
        verb=verb.upper(),
        path=path,
        text=node["description"],
        permissions=tuple(node.get("x-permissions", ())),
        beside=tuple(node.get("x-permissions-beside", ())),
        parameters=tuple(_parameter(each) for each in node.get("parameters", ())),
        body=_example(node["requestBody"], schemas) if "requestBody" in node else None,
        answers=tuple(Answer(code, _example(each, schemas)) for code, each in node["responses"].items()),
    )


def _parameter(node: Node) -> Parameter:
    schema = node["schema"]
    default = schema.get("default")
    return Parameter(
        name=node["name"],
        place=node["in"],
        kind=_kind(schema),
        is_required=node.get("required", False),
        text=node.get("description", ""),
        default="" if default is None else json.dumps(default).strip('"'),
    )


def _kind(schema: Node) -> str:
    bounds = [f"{word} {schema[key]}" for key, word in _BOUNDS.items() if key in schema]
    return " ".join([schema.get("format") or _type(schema) or "any", *bounds])


def _type(schema: Node) -> str:
    """The type of what is not null; empty when it may be anything."""
    given = schema.get("type", "")
    return next((each for each in given if each != "null"), "") if isinstance(given, list) else str(given)


def _example(message: Node, schemas: Node) -> str:
    """What a request or an answer may hold: the example that is given, or one made from the schema."""
    content = message.get("content", {}).get("application/json")
    if content is None:
        return ""
    given = [each["value"] for each in content.get("examples", {}).values()]
    value = given[0] if given else _sample(content.get("schema", {}), schemas, DEEPEST)
    return json.dumps(value, indent=2, ensure_ascii=False)


def _sample(schema: Node, schemas: Node, levels: int) -> Any:
    if reference := schema.get("$ref"):
        return _sample(schemas[reference.rpartition("/")[2]], schemas, levels)
    if choices := [each for key in ("allOf", "oneOf", "anyOf") for each in schema.get(key, ())]:
        return _sample(choices[0], schemas, levels)
    kind = _type(schema) or "object"
    if kind == "array":
        return [_sample(schema["items"], schemas, levels - 1)] if levels else []
    if kind == "object":
        members = schema.get("properties", {}) if levels else {}
        return {name: _sample(each, schemas, levels - 1) for name, each in members.items()}
    return _scalar(schema, kind)


def _scalar(schema: Node, kind: str) -> Any:
    given = (schema.get("example"), schema.get("default"), *schema.get("enum", ()))
    made = _FORMATS.get(schema.get("format", ""), _SAMPLES.get(kind))
    return next((each for each in given if each is not None), made)
