"""Shapes of bodies and answers: a serializer class, `list` of one, or plain types: `bool`, `list[int]`."""

from __future__ import annotations

from typing import Any, get_args, get_origin

from rest_framework import serializers

from workflows.api.serializers.base import Integer, Serializer, Text, Truth

Shape = Any
"""None, a Serializer class, `list[ThatClass]`, or a key of `_PLAIN` or a list of one."""

_PLAIN: dict[type, type[serializers.Field[Any, Any, Any, Any]]] = {
    bool: Truth,
    int: Integer,
    str: Text,
}


def read(shape: Shape, data: Any, context: dict[str, Any]) -> Any:
    """`data` validated; raises Django REST framework's ValidationError with every error."""
    return _field(shape, context).run_validation(data)


def show(shape: Shape, value: Any, context: dict[str, Any]) -> Any:
    """`value` as it is written."""
    return _field(shape, context).to_representation(value)


def for_schema(shape: Shape) -> Any:
    """`shape` as drf-spectacular takes it."""
    member = _member(shape)
    return member(many=True) if member and issubclass(member, Serializer) else shape


def _field(shape: Shape, context: dict[str, Any]) -> Any:
    member = _member(shape)
    if member is None:
        return shape(context=context) if issubclass(shape, Serializer) else _PLAIN[shape]()
    if issubclass(member, Serializer):
        return member(many=True, context=context)
    return serializers.ListField(child=_PLAIN[member]())


def _member(shape: Shape) -> Any:
    origin: Any = get_origin(shape)
    return get_args(shape)[0] if origin is list else None
