"""What definitions are made of: step types, parameters, signals, workflow types (contract, 2.2)."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from workflows.api.serializers.base import FreeMap, Serializer, Text
from workflows.api.serializers.enums import EnumField
from workflows.engine import registry
from workflows.engine.contracts import Parameter
from workflows.engine.workflow_type import WorkflowTypeSpec
from workflows.vocabulary import parameters


class NamedMap(serializers.DictField):
    """Things that have a `name`, as an object by name."""

    def to_representation(self, value: Any) -> dict[str, Any]:
        return super().to_representation({each.name: each for each in value})


class Choices(FreeMap):
    """Values that stand for themselves."""

    def to_representation(self, value: Sequence[str]) -> dict[str, str]:
        return {choice: choice for choice in value}


class ParameterDefinition(Serializer):
    """Both maps are `{}` where others write null: clients of version 10 fail on it (contract, 1.3)."""

    DisplayName = Text()
    ParameterType = EnumField(parameters.ParameterType, source="type")
    Required = serializers.BooleanField()
    DefaultValue = serializers.SerializerMethodField("default_text", allow_null=True)
    ControlType = EnumField(parameters.ControlType, source="control")
    PotentialValues = Choices(source="choices")
    SupportTokenReplacement = serializers.BooleanField(source="takes_tokens")
    DependsOn = FreeMap(
        source="depends_on", help_text="Counts only beside this value of another; null: any that is given."
    )
    ToolTipContents = Text(source="help")
    QueryEndpoint = Text(
        source="query.endpoint", default=None, allow_null=True, help_text="A list that holds its values."
    )
    QueryFieldName = Text(source="query.field", default=None, allow_null=True)
    QueryGroupBy = Text(default=None, allow_null=True)

    def default_text(self, parameter: Parameter) -> str | None:
        if parameter.default is None or isinstance(parameter.default, str):
            return parameter.default
        return (
            str(parameter.default) if isinstance(parameter.default, bool) else json.dumps(parameter.default)
        )


class SignalDefinition(Serializer):
    InputParameters = NamedMap(child=ParameterDefinition(), source="inputs")


class AvailableStep(Serializer):
    DisplayName = Text(source="shown_name")
    ExtensionName = Text()
    Obstacle = Text(help_text="Why such a step cannot be published here; empty when it can. Ours.")
    Outputs = serializers.ListField(child=Text())
    ConfigurationParametersDefinition = NamedMap(child=ParameterDefinition(), source="parameters")
    SignalsDefinition = NamedMap(child=SignalDefinition(), source="signals")


class AvailableStepQuery(Serializer):
    DisplayName = Text(source="shown_name")
    ExtensionName = Text()
    Obstacle = Text(help_text="Why such a step cannot be published here; empty when it can. Ours.")
    SupportedWorkflowTypes = serializers.ListField(child=Text(), source="supported_types")
    ConfigurationParametersDefinition = NamedMap(child=ParameterDefinition(), source="parameters")
    SignalsDefinition = NamedMap(child=SignalDefinition(), source="signals")


class Token(Serializer):
    Name = Text(help_text="As in ContextParameters.")
    DisplayName = Text()
    Token = Text(source="text", help_text="As it is written in a parameter.")
    Description = Text(source="meaning")


class WorkflowType(Serializer):
    WorkflowType = Text(source="name")
    KeyType = Text()
    ContextParameters = serializers.ListField(child=Text())
    BuiltInSteps = serializers.SerializerMethodField("built_in_steps")

    @extend_schema_field(AvailableStep(many=True))
    def built_in_steps(self, spec: WorkflowTypeSpec) -> Any:
        step_type = registry.step_type(spec.built_in_step or "")
        return AvailableStep([step_type] if step_type else [], many=True, context=self.context).data
