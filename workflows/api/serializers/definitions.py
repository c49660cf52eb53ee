"""Definitions as they are sent and shown, in versions 1 and 2 of the API (contract, 2.2)."""

from __future__ import annotations

from typing import Any, ClassVar

from rest_framework import serializers

from workflows.api.serializers.base import Integer, ListSerializer, Serializer, Text
from workflows.api.serializers.steps import StepResponse
from workflows.api.serializers.versions import Versioned
from workflows.api.shown_definitions import shown_page


class Force(Serializer):
    """Accepted by every call that may make a definition active (D20)."""

    Force = serializers.BooleanField(default=False, help_text="Go on although workflows would start at once.")


class DefinitionChoice(Serializer):
    DefinitionVersion = Integer(allow_null=True, default=None, help_text="Absent: the latest.")
    Exportable = serializers.BooleanField(default=False, help_text="Leave out ids of roles.")


class _Described(Versioned):
    """Version 2 insists on a description; version 1 takes none for an empty one."""

    DisplayName = Text(max_length=255)
    Description = Text(default="", allow_blank=True, allow_null=True)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        description = attrs["description"] or ""
        if self.version == 2 and not description:
            raise serializers.ValidationError({"Description": "This field may not be blank."})
        return {**attrs, "description": description}


class DefinitionCreate(_Described):
    """Version 1 binds at most one key, version 2 a list; `Enabled` is true when it is not sent (D10)."""

    only_in: ClassVar = {"Key": 1, "Keys": 2}

    WorkflowType = Text(max_length=100)
    Key = Text(default="", allow_blank=True, allow_null=True, max_length=100)
    Keys = serializers.ListField(child=Text(max_length=100))
    Enabled = serializers.BooleanField(default=True)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        key = attrs.pop("key", None)
        return {"keys": [key] if key else [], **super().validate(attrs)}


class DefinitionUpdate(_Described):
    """`Enabled` and `Keys` stay as they are when they are not sent."""

    only_in: ClassVar = {"Keys": 2}

    Enabled = serializers.BooleanField(allow_null=True, default=None)
    Keys = serializers.ListField(child=Text(max_length=100), allow_null=True, default=None)


class BoundKey(Serializer):
    DisplayName = Text()
    Value = Text()


class DefinitionRows(ListSerializer):
    def to_representation(self, data: Any) -> Any:
        return super().to_representation(shown_page(data))


class DefinitionQuery(Versioned):
    """A row of the list."""

    class Meta:
        list_serializer_class = DefinitionRows

    only_in: ClassVar = {"Description": 2, "Key": 1, "KeyDisplayName": 1, "Keys": 2}

    Id = serializers.UUIDField(source="definition.guid")
    DisplayName = Text(source="version.display_name")
    Description = Text(source="version.description")
    Key = Text(source="key.value", allow_null=True)
    KeyDisplayName = Text(source="key.display_name", allow_null=True)
    Keys = BoundKey(many=True)
    WorkflowType = Text(source="definition.workflow_type")
    DraftVersion = Integer(source="definition.latest.number")
    PublishedVersion = Integer(source="definition.published.number", allow_null=True)
    Enabled = serializers.BooleanField(source="definition.enabled")


class Definition(DefinitionQuery):
    only_in: ClassVar = {"Key": 1, "KeyDisplayName": 1, "Keys": 2}

    IsPublished = serializers.BooleanField()
    Steps = StepResponse(many=True)


class CheckedDefinition(Definition):
    Warnings = serializers.ListField(
        child=Text(), help_text="What may not be meant, as Validate tells it. An addition of ours."
    )
