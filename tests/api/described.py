"""Whether what is sent is what the OpenAPI description says, as a strict client reads it."""

from __future__ import annotations

import functools
import json
from typing import Any

from django.http import HttpResponse
from jsonschema import Draft202012Validator, FormatChecker

from workflows.api.profiles import MOUNTS, Profile
from workflows.api.schema import description


def assert_as_described(
    answer: HttpResponse, verb: str, path: str, profile: Profile = Profile.DOCUMENTED
) -> None:
    """Body and headers of the answer are those of the operation."""
    document = description(profile)
    operation = document["paths"][f"/{MOUNTS[profile]}{path}"][verb.lower()]
    said = operation["responses"].get(str(answer.status_code), operation["responses"]["default"])
    for name in said.get("headers", {}):
        assert name in answer.headers or name == "Retry-After"
    if schema := said.get("content", {}).get("application/json", {}).get("schema"):
        _check(json.loads(answer.content), schema, profile)


def _check(value: Any, schema: dict[str, Any], profile: Profile) -> None:
    whole = {**_strict(schema), "components": _components(profile)}
    Draft202012Validator(whole, format_checker=FormatChecker()).validate(value)


@functools.cache
def _components(profile: Profile) -> Any:
    return _strict(description(profile)["components"])


def _strict(schema: Any) -> Any:
    """The schema, refusing members that it does not name, as strict clients do."""
    if isinstance(schema, list):
        return [_strict(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    closed = {"unevaluatedProperties": False} if isinstance(schema.get("properties"), dict) else {}
    return {name: _strict(member) for name, member in schema.items()} | closed


def assert_message_as_described(value: Any) -> None:
    """The body of a message to a subscription."""
    document = description(Profile.DOCUMENTED)
    body = document["webhooks"]["workflowChanged"]["post"]["requestBody"]
    _check(value, body["content"]["application/json"]["schema"], Profile.DOCUMENTED)
