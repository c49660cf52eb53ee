"""Stored scripts (api-contract.md, 6, Extensions)."""

from __future__ import annotations

from rest_framework import serializers

from workflows.api.serializers.base import Integer, Serializer, Text


def _categories(*, required: bool = True) -> serializers.ListField:
    return serializers.ListField(child=Integer(min_value=1, max_value=6), required=required)


class ScriptQueryAnswer(Serializer):
    Id = Integer(source="pk")
    Name = Text()
    Categories = _categories()


class ScriptAnswer(ScriptQueryAnswer):
    Contents = Text()


class ScriptCreate(Serializer):
    Name = Text(max_length=256)
    Contents = Text(max_length=1_000_000)
    Categories = _categories(required=False)


class ScriptUpdate(Serializer):
    """There is no name: it cannot change."""

    Id = Integer()
    Contents = Text(required=False, max_length=1_000_000)
    Categories = _categories(required=False)
