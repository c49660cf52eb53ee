"""Instances as lists and single answers show them, and what is sent to them (contract, 2.2)."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from workflows.actions.asked import asked
from workflows.api.serializers.awaited import AwaitedField
from workflows.api.serializers.base import FreeMap, Integer, Serializer, Text
from workflows.api.serializers.enums import EnumField
from workflows.api.serializers.instance_versions import VersionField
from workflows.models import Instance as InstanceRow
from workflows.vocabulary.statuses import InstanceStatus


class InstanceQuery(Serializer):
    Id = serializers.UUIDField(source="guid")
    Status = EnumField(InstanceStatus)
    CurrentStepId = serializers.UUIDField(source="step_guid")
    StatusMessage = Text()
    Definition = VersionField(source="version_id")
    CurrentStepDisplayName = Text(source="step_display_name")
    CurrentStepUniqueName = Text(source="step_name")
    Title = Text(source="record.title")
    LastModified = serializers.DateTimeField(source="modified_at")
    StartDate = serializers.DateTimeField(source="started_at")
    ReferenceId = serializers.IntegerField(source="pk")


class AvailableSignal(Serializer):
    """An input that the current step takes, and whether somebody has given it."""

    SignalName = Text()
    StepSignalId = serializers.UUIDField(source="signal_guid")
    SignalReceived = serializers.BooleanField(source="is_received")


_SIGNALS: Any = AvailableSignal(many=True)  # made once: making its fields costs more than using them


class Instance(InstanceQuery):
    Signals = serializers.SerializerMethodField("signals")
    InitialData = FreeMap(source="record.initial_data")
    CurrentStateData = FreeMap(source="data")
    Awaited = AwaitedField(source="*", help_text="Ours; absent when it has finished.")

    @extend_schema_field(AvailableSignal(many=True))
    def signals(self, instance: InstanceRow) -> Any:
        return _SIGNALS.to_representation((self.context.get("asked") or asked(instance)).signals)


class Signal(Serializer):
    SignalKey = Text(help_text="<StepUniqueName>.<SignalName>")
    Data = FreeMap(help_text='For approvals {"Approved": "True" or "False", "Comment": "…"}.')


class RestartVersion(Serializer):
    Version = Integer(allow_null=True, default=None, help_text="Absent: the published one.")
