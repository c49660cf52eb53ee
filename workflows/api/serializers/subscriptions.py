"""Subscriptions to changes of instances: additions of ours."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from workflows.actions import subscriptions
from workflows.api.serializers.base import FreeMap, Integer, Serializer, Text
from workflows.api.serializers.enums import EnumField
from workflows.encryption import Secret
from workflows.models import DeliveryState
from workflows.vocabulary.statuses import InstanceStatus


class SecretValue(Serializer):
    SecretValue = Text(trim_whitespace=True, max_length=200)


@extend_schema_field(SecretValue)
class SecretField(serializers.Field[Any, Any, Any, Any]):
    """Read into a `Secret`; written as null, always."""

    def to_internal_value(self, data: Any) -> Secret[str]:
        return Secret(SecretValue().run_validation(data)["secret_value"])

    def to_representation(self, value: Any) -> None:
        return None


def _changes(**kwargs: Any) -> serializers.ListField:
    return serializers.ListField(
        child=EnumField(InstanceStatus, taken=subscriptions.CHANGES),
        help_text=f"One or more of {', '.join(status.name for status in subscriptions.CHANGES)}.",
        **kwargs,
    )


class SubscriptionAnswer(Serializer):
    Id = serializers.UUIDField(source="guid")
    Name = Text()
    URL = Text()
    Secret = SecretField(allow_null=True, help_text="Always null.")
    Changes = _changes()
    DefinitionId = serializers.UUIDField(source="definition.guid", default=None, allow_null=True)
    Enabled = serializers.BooleanField()
    Failures = Integer(help_text="In a row; 0 after a success.")
    LastError = Text()
    LastDelivery = serializers.DateTimeField(source="delivered_at", allow_null=True)
    PausedUntil = serializers.DateTimeField(allow_null=True)

    def to_representation(self, instance: Any) -> dict[str, Any]:
        return {**super().to_representation(instance), "Secret": None}


class SubscriptionCreate(Serializer):
    Name = Text(max_length=128)
    URL = Text(max_length=subscriptions.LONGEST_URL)
    Secret = SecretField(help_text="whsec_ and 24 to 64 octets in base64.")
    Changes = _changes()
    DefinitionId = serializers.UUIDField(
        required=False, allow_null=True, source="definition", help_text="Absent or null: of any definition."
    )
    Enabled = serializers.BooleanField(default=True)


class SubscriptionUpdate(Serializer):
    """What is left out stays; a Secret of null stays, too."""

    Name = Text(max_length=128, required=False)
    URL = Text(max_length=subscriptions.LONGEST_URL, required=False)
    Secret = SecretField(required=False, allow_null=True)
    Changes = _changes(required=False)
    DefinitionId = serializers.UUIDField(required=False, allow_null=True, source="definition")
    Enabled = serializers.BooleanField(required=False)


class DeliveryAnswer(Serializer):
    """One message: what it said and what became of it."""

    Id = serializers.UUIDField(source="guid")
    Change = EnumField(InstanceStatus)
    Data = FreeMap()
    CreatedOn = serializers.DateTimeField(source="created_at")
    State = EnumField(DeliveryState)
    Attempts = Integer()
    NextAttempt = serializers.DateTimeField(
        source="next_attempt_at", allow_null=True, help_text="While it is queued; null when none comes."
    )
    StatusCode = Integer(allow_null=True, help_text="Of the last answer.")
    Error = Text()
    DeliveredOn = serializers.DateTimeField(source="delivered_at", allow_null=True)
