"""Steps of a definition as they are sent, stored and shown (contract, 2.2)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from rest_framework import serializers

from workflows.api.serializers.base import Document, FreeMap, Integer, ListSerializer, Text
from workflows.api.serializers.versions import Versioned
from workflows.engine import graph, limits
from workflows.errors import InvalidDefinition


class RoleOfSignal(Document):
    RoleId = Text()
    RoleName = Text()


class StepSignal(Versioned, Document):
    """Version 1 has role ids, version 2 roles with their names."""

    only_in: ClassVar = {"RoleIds": 1, "Roles": 2}

    SignalName = Text()
    RoleIds = serializers.ListField(child=Integer())
    Roles = RoleOfSignal(many=True)
    RoleTokens = serializers.ListField(child=Text())


class Condition(Document):
    Id = serializers.UUIDField()
    Value = Text()


class StepResponse(Document):
    Id = serializers.UUIDField()
    DisplayName = Text()
    UniqueName = Text()
    ExtensionName = Text()
    Enabled = serializers.BooleanField()
    ConfigurationParameters = FreeMap()
    Signals = StepSignal(many=True)
    Conditions = Condition(many=True)
    Outputs = FreeMap()


class SignalConfiguration(Document):
    SignalName = Text(max_length=64)
    RoleIds = serializers.ListField(child=Integer(), allow_null=True, required=False)
    RoleTokens = serializers.ListField(child=Text(), allow_null=True, required=False)


class ConditionRequest(Document):
    Value = Text(allow_null=True, allow_blank=True)


class StepList(ListSerializer):
    """Too many steps are refused before any of them is read."""

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, list) and len(data) > graph.MAXIMUM_STEPS:
            raise InvalidDefinition([graph.too_many(len(data))])
        return super().to_internal_value(data)


class StepRequest(Document):
    """What is left out is cleared (PUT …/Steps); ids are not sent, steps keep theirs by UniqueName.

    A step that holds too much is refused before its parts are read.
    """

    class Meta:
        list_serializer_class = StepList

    ExtensionName = Text(max_length=64)
    UniqueName = Text(max_length=128)
    DisplayName = Text(max_length=255, allow_null=True, allow_blank=True, required=False)
    Enabled = serializers.BooleanField(default=True)
    ConfigurationParameters = FreeMap(allow_null=True, required=False)
    Signals = SignalConfiguration(many=True, allow_null=True, required=False)
    Conditions = ConditionRequest(many=True, allow_null=True, required=False)
    Outputs = serializers.DictField(
        child=Text(allow_null=True, allow_blank=True), allow_null=True, required=False
    )

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, Mapping) and (found := limits.excess(data)):
            raise InvalidDefinition(found)
        return super().to_internal_value(data)
