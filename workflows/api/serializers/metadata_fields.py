"""Metadata fields (api-contract.md, 6, Metadata fields)."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from workflows.api.serializers.base import Integer, Serializer, Text
from workflows.api.serializers.enums import EnumField
from workflows.vocabulary.enrollment import MetadataDataType, MetadataEnrollment


class MetadataFieldAnswer(Serializer):
    Id = Integer(source="pk")
    Name = Text()
    Description = Text()
    DataType = EnumField(MetadataDataType)
    Hint = Text()
    Validation = Text()
    Enrollment = EnumField(MetadataEnrollment)
    Message = Text()
    Options = Text()
    DefaultValue = Text()
    AllowAPI = serializers.BooleanField()
    ExplicitUpdate = serializers.BooleanField()
    DisplayOrder = Integer()


def _optional_text(max_length: int) -> Text:
    return Text(required=False, allow_blank=True, allow_null=True, max_length=max_length)


class MetadataFieldCreate(Serializer):
    Name = Text(max_length=256)
    Description = Text(max_length=1024)
    DataType = EnumField(MetadataDataType)
    Hint = _optional_text(128)
    Validation = _optional_text(4000)
    Enrollment = EnumField(MetadataEnrollment, default=MetadataEnrollment.Optional)
    Message = _optional_text(1024)
    Options = _optional_text(4000)
    DefaultValue = _optional_text(100)
    AllowAPI = serializers.BooleanField(default=True)
    ExplicitUpdate = serializers.BooleanField(default=False)
    DisplayOrder = Integer(required=False, allow_null=True)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Null is nothing given."""
        return {name: value for name, value in attrs.items() if value is not None}


class MetadataFieldUpdate(MetadataFieldCreate):
    """What is left out stays, but for the required fields of the reference."""

    Id = Integer()
    Enrollment = EnumField(MetadataEnrollment, required=False)
    AllowAPI = serializers.BooleanField(required=False)
    ExplicitUpdate = serializers.BooleanField(required=False)


class ForceQuery(Serializer):
    force = serializers.BooleanField(default=False)
