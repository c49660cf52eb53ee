"""Application settings (events-security-audit.md, 2.7); what is not of the reference is marked as ours."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from workflows.api.serializers.base import Integer, Serializer, Text


class AppSettingAnswer(Serializer):
    Id = Integer(source="setting.id")
    DisplayName = Text(source="setting.display_name")
    ShortName = Text(source="setting.name")
    Description = Text(source="setting.help")
    Value = Text()
    ValueType = Text(source="setting.kind.value_type")
    Group = Text(source="setting.group", help_text="Ours: the section of the portal's page.")
    Default = Text(help_text="Ours: what holds without a change, from the environment.")
    IsDefault = serializers.BooleanField(source="is_default", help_text="Ours.")
    Version = Integer(source="row.version", help_text="Ours: counts the changes.")


class SettingText(Text):
    """Text; a whole number is taken for its digits."""

    def to_internal_value(self, data: Any) -> str:
        is_number = isinstance(data, int) and not isinstance(data, bool)
        return super().to_internal_value(str(data) if is_number else data)


class AppSettingChange(Serializer):
    Value = SettingText(
        allow_blank=True, allow_null=True, max_length=4000, help_text="null: back to the default."
    )
    Version = Integer(
        required=False,
        allow_null=True,
        default=None,
        help_text="Ours: the version that you saw; 409 when somebody has changed it since.",
    )


class AppSettingBulkChange(AppSettingChange):
    Id = Integer()
