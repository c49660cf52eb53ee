"""Versions, comparisons, copies, imports and checks of definitions: our additions to the contract."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from workflows.api.serializers.base import Document, FreeMap, Integer, Serializer, Text
from workflows.api.serializers.definitions import Definition
from workflows.api.serializers.differences import ChangedStep, FieldChange
from workflows.api.serializers.steps import ConditionRequest, SignalConfiguration, StepRequest


class VersionRow(Serializer):
    Version = Integer(source="number")
    DisplayName = Text()
    Description = Text()
    IsPublished = serializers.BooleanField(help_text="Whether new instances run it.")
    FirstPublished = serializers.DateTimeField(source="frozen_at", allow_null=True)
    CreatedBy = Text()
    CreatedOn = serializers.DateTimeField(source="created_at")


class Compared(Serializer):
    From = Integer(min_value=1, help_text="Number of the earlier version.")
    To = Integer(min_value=1, help_text="Number of the later version.")


class Comparison(Serializer):
    From = Integer(source="earlier.number")
    To = Integer(source="later.number")
    Changes = FieldChange(many=True, help_text="Name and description.")
    Steps = ChangedStep(many=True)


class CopyRequest(Serializer):
    DisplayName = Text(
        default="", allow_blank=True, max_length=255, help_text="Empty: the original's, and (copy)."
    )
    Keys = serializers.ListField(child=Text(max_length=100), default=list, help_text="Keys that are free.")
    DefinitionVersion = Integer(allow_null=True, default=None, help_text="Absent: the latest.")


class ExportChoice(Serializer):
    DefinitionVersion = Integer(allow_null=True, default=None, help_text="Absent: the latest.")


class NamedRole(Document):
    RoleId = Text(allow_blank=True, allow_null=True, required=False)
    RoleName = Text(allow_blank=True, allow_null=True, required=False)


class ImportedSignal(SignalConfiguration):
    """By role names, as version 2 and exports have them, or by ids."""

    Roles = NamedRole(many=True, allow_null=True, required=False)


class ImportedStep(StepRequest):
    Signals = ImportedSignal(many=True, allow_null=True, required=False)


class ImportedKey(Serializer):
    Value = Text(max_length=100)


class ImportRequest(Serializer):
    """A definition as GET answers it, in version 1 or 2, or as exported."""

    DisplayName = Text(max_length=255)
    Description = Text(default="", allow_blank=True, allow_null=True)
    WorkflowType = Text(max_length=100)
    Key = Text(default="", allow_blank=True, allow_null=True, max_length=100)
    Keys = ImportedKey(many=True, required=False, allow_null=True)
    Enabled = serializers.BooleanField(default=True)
    Steps = ImportedStep(many=True)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        key, keys = attrs.pop("key", None), attrs.get("keys") or []
        values = [each["value"] for each in keys] or ([key] if key else [])
        return {**attrs, "description": attrs["description"] or "", "keys": values}


class ImportChoice(Serializer):
    KeepKeys = serializers.BooleanField(
        default=False, help_text="Bind the keys of the file, which must be free."
    )


class ImportedDefinition(Definition):
    Problems = serializers.ListField(
        child=Text(), help_text="What must be done before it can be published: roles, secrets."
    )
    Warnings = serializers.ListField(
        child=Text(), help_text="What may not be meant, such as roles that the file names by ids alone."
    )


class ExportedSignal(Document):
    SignalName = Text()
    Roles = NamedRole(many=True)
    RoleTokens = serializers.ListField(child=Text())


class ExportedStep(Document):
    DisplayName = Text()
    UniqueName = Text()
    ExtensionName = Text()
    Enabled = serializers.BooleanField()
    ConfigurationParameters = FreeMap()
    Signals = ExportedSignal(many=True)
    Conditions = ConditionRequest(many=True)
    Outputs = FreeMap()


class ExportedDefinition(Document):
    DisplayName = Text()
    Description = Text()
    WorkflowType = Text()
    Keys = serializers.ListField(child=serializers.DictField())
    Enabled = serializers.BooleanField()
    Steps = ExportedStep(many=True)


class ValidateRequest(Serializer):
    Id = serializers.UUIDField(
        allow_null=True, default=None, help_text="A definition whose secrets are kept where steps have null."
    )
    WorkflowType = Text(max_length=100)
    Steps = StepRequest(many=True)


class Findings(Serializer):
    Errors = serializers.ListField(child=Text(), help_text="What stops a publication.")
    Warnings = serializers.ListField(child=Text(), help_text="What does not.")
