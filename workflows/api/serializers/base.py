"""What every body and answer shares: PascalCase out, any case in, nulls only where declared.

A field's source is its name in snake case unless given: `DisplayName = Text()` stands for `display_name`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from workflows.api.casing import declared_names, given_twice, snake_case

INT32 = 2**31 - 1
MALFORMED = "malformed"  # code of errors that say: this is not the documented shape


class ListSerializer(serializers.ListSerializer[Any]):
    """Used for `many=True`; says the expected shape in the reference's words."""

    def to_internal_value(self, data: Any) -> Any:
        if not isinstance(data, list):
            raise _malformed("StartArray", data)
        return super().to_internal_value(data)


class Serializer(serializers.Serializer[Any]):
    """Unknown keys are ignored; a value of None is written only by a field with `allow_null=True`."""

    default_error_messages = {"null": "Invalid JSON schema. Expected: 'StartObject' Received: 'Null'"}

    class Meta:
        list_serializer_class = ListSerializer

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        fields = super().get_fields()
        for name, field in fields.items():
            if field.source is None and snake_case(name) != name:
                field.source = snake_case(name)
        return fields

    def to_internal_value(self, data: Any) -> Any:
        if not isinstance(data, Mapping):
            raise _malformed("StartObject", data)
        if name := given_twice(data, self.fields):
            text = f"{name} is given twice, by names that differ in case only. Send it once."
            raise serializers.ValidationError(text, code=MALFORMED)
        return super().to_internal_value(declared_names(data, self.fields))

    def to_representation(self, instance: Any) -> dict[str, Any]:
        shown = super().to_representation(instance)
        return {
            name: value for name, value in shown.items() if value is not None or self.fields[name].allow_null
        }


class Document(Serializer):
    """What it reads and shows is a mapping that has the names of the wire itself."""

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        return serializers.Serializer.get_fields(self)


class Text(serializers.CharField):
    """JSON text only; a number is not taken for text."""

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            raise serializers.ValidationError("Must be text.")
        return super().to_internal_value(data)


class Truth(serializers.BooleanField):
    """A boolean of JSON only; neither a number nor a word is taken for one."""

    default_error_messages = dict.fromkeys(
        ("invalid", "null"), "Send a bare true or false, without quotation marks."
    )

    def to_internal_value(self, data: Any) -> bool:
        if not isinstance(data, bool):
            self.fail("invalid")
        return data


class Integer(serializers.IntegerField):
    """A whole number of 32 bits unless other limits are given."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"min_value": -INT32 - 1, "max_value": INT32} | kwargs)


@extend_schema_field({"type": ["object", "array", "string", "number", "boolean"]})
class AnyValue(serializers.JSONField):
    """Whatever JSON can say."""


class FreeMap(serializers.Field[Any, Any, Any, Any]):
    """An object with free keys, kept as it is; an empty key is never written (contract, 1.3)."""

    def to_internal_value(self, data: Any) -> dict[str, Any]:
        if not isinstance(data, Mapping):
            raise _malformed("StartObject", data)
        return dict(data)

    def to_representation(self, value: Any) -> Any:
        return _without_empty_keys(value)


def _malformed(expected: str, data: Any) -> serializers.ValidationError:
    """The reference's words for a body of the wrong shape (contract, 1.2)."""
    text = f"Invalid JSON schema. Expected: '{expected}' Received: '{_token(data)}'"
    return serializers.ValidationError(text, code=MALFORMED)


def _token(data: Any) -> str:
    """JSON's kinds of values by the names that the reference's messages use."""
    kinds: list[tuple[type | tuple[type, ...], str]] = [
        (bool, "Boolean"),
        (str, "String"),
        (int, "Integer"),
        (float, "Float"),
        (list, "StartArray"),
        (Mapping, "StartObject"),
    ]
    return next((name for kind, name in kinds if isinstance(data, kind)), "Null")


def _without_empty_keys(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {name: _without_empty_keys(member) for name, member in value.items() if name != ""}
    if isinstance(value, list):
        return [_without_empty_keys(member) for member in value]
    return value
