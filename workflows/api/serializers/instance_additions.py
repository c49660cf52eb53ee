"""History, past decisions, operations on many, what a restart changes: additions of ours."""

from __future__ import annotations

import json
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from workflows.actions.configured import YEARS
from workflows.actions.purge_now import Purge
from workflows.api.serializers.base import Document, FreeMap, Integer, Serializer, Text
from workflows.api.serializers.differences import ChangedStep, FieldChange
from workflows.api.serializers.enums import EnumField
from workflows.api.serializers.instance_versions import VersionField
from workflows.models.notifications import NotificationStatus
from workflows.vocabulary.statuses import InstanceStatus, StepRunStatus


class OtherInstance(Serializer):
    Id = serializers.UUIDField(source="guid")
    ReferenceId = serializers.IntegerField(source="pk")
    Status = EnumField(InstanceStatus)
    StartDate = serializers.DateTimeField(source="started_at")


class EvaluatedCondition(Document):
    Condition = Text(help_text="As it stands in the step.")
    Result = serializers.BooleanField(help_text="When it is false, the step is skipped.")
    Inputs = FreeMap(help_text="The values of its tokens at that moment.")


class Attempt(Serializer):
    """One attempt at one step; one that is retried has a row for each."""

    StepUniqueName = Text(source="step_name")
    StepDisplayName = Text()
    ExtensionName = Text(source="extension")
    Attempt = Integer(help_text="From 1; 0 when the step was skipped.")
    Status = EnumField(StepRunStatus)
    Output = Text(help_text="The output that the workflow followed; empty when it followed none.")
    Message = Text()
    StartDate = serializers.DateTimeField(source="started_at")
    EndDate = serializers.DateTimeField(source="finished_at", allow_null=True)
    Conditions = EvaluatedCondition(many=True, allow_null=True)
    Changes = FreeMap(allow_null=True, help_text="What it wrote to the data.")


class Decision(Serializer):
    StepUniqueName = Text(source="step_name")
    SignalName = Text()
    UserName = Text()
    Approved = serializers.BooleanField()
    Comment = Text()
    ContentHash = Text(source="content_digest", help_text="Of what was approved or denied.")
    DecidedOn = serializers.DateTimeField(source="decided_at")


class Mail(Serializer):
    """A mail that a step sent; whether it arrives never changes the instance."""

    Recipients = serializers.ListField(child=Text())
    Subject = Text()
    Status = EnumField(NotificationStatus)
    Error = Text(help_text="Why the last attempt failed.")
    WrittenOn = serializers.DateTimeField(source="created_at")
    SentOn = serializers.DateTimeField(source="sent_at", allow_null=True)


class History(Serializer):
    Id = serializers.UUIDField(source="instance.guid")
    ReferenceId = serializers.IntegerField(source="instance.pk")
    Status = EnumField(InstanceStatus, source="instance.status")
    InitiatingUserName = Text(source="instance.record.initiating_user_name")
    Steps = Attempt(many=True, help_text="In the order of their beginning.")
    Decisions = Decision(many=True)
    Mails = Mail(many=True)
    RestartedFrom = OtherInstance(allow_null=True)
    RestartedBy = Text(allow_null=True, help_text="Who made it of RestartedFrom, a user or the command line.")
    RestartedAs = OtherInstance(many=True)


class PastDecision(Serializer):
    """What the caller answered, and how the instance stands now."""

    Id = serializers.UUIDField(source="instance.guid")
    ReferenceId = serializers.IntegerField(source="instance_id")
    Title = Text(source="instance.record.title")
    Status = EnumField(InstanceStatus, source="instance.status")
    StatusMessage = Text(source="instance.status_message")
    InitiatingUserName = Text(source="instance.record.initiating_user_name")
    Definition = VersionField(source="instance.version_id")
    StepUniqueName = Text(source="step_name")
    SignalName = Text()
    Approved = serializers.BooleanField()
    Comment = Text()
    ContentHash = Text(source="content_digest", help_text="Of what was approved or denied.")
    DecidedOn = serializers.DateTimeField(source="decided_at")


@extend_schema_field({"oneOf": [{"type": "string"}, {"type": "integer"}]})
class InstanceNameField(Text):
    """A GUID, or a ReferenceId as a number or as text; what is neither is refused by itself, later."""

    def run_validation(self, data: Any = serializers.empty) -> str:
        return data.strip() if isinstance(data, str) else json.dumps(data)


class InstanceNames(Serializer):
    Ids = serializers.ListField(child=InstanceNameField(), help_text="GUIDs or ReferenceIds, at most 500.")


class Restarts(InstanceNames):
    Version = Integer(
        allow_null=True, default=None, help_text="That all restart on; absent: the published one of each."
    )


class OneResult(Serializer):
    Id = Text(source="name", help_text="As it was given.")
    Succeeded = serializers.BooleanField(source="ok")
    ErrorCode = Text(source="error.code", default=None, allow_null=True)
    Message = Text(source="error.message", default=None, allow_null=True)
    NewInstance = OtherInstance(source="new", allow_null=True, help_text="What a restart began.")
    Warnings = serializers.ListField(child=Text(), help_text="Where its version is the weaker one.")


class BulkResult(Serializer):
    Results = OneResult(many=True, help_text="In the order of Ids.")


class PurgeBounds(Serializer):
    """What is not given is what the application settings say."""

    Days = Integer(
        min_value=1, max_value=YEARS, allow_null=True, default=None, help_text="Since the instances ended."
    )
    Statuses = Text(
        allow_null=True, default=None, help_text="Finished ones, separated by commas: Complete,Rejected."
    )


class StatusCount(Serializer):
    Status = Text()
    Count = Integer()


class PurgeAnswer(Serializer):
    EndedBefore = serializers.DateTimeField(source="rule.cutoff")
    Count = Integer()
    Statuses = serializers.SerializerMethodField("statuses")
    IsComplete = serializers.BooleanField(
        allow_null=True, help_text="False: more is left, call again. Null: this was only counted."
    )
    IsExact = serializers.BooleanField(
        help_text="False: there may be more than Count; counting ended after twenty seconds."
    )

    @extend_schema_field(StatusCount(many=True))
    def statuses(self, purge: Purge) -> list[dict[str, Any]]:
        return [{"Status": name, "Count": count} for name, count in sorted(purge.counts.items())]


class RestartDifference(Serializer):
    """Changes lead from the version and data of the instance to those of the one that would begin."""

    From = Integer(source="before.number", help_text="The version that the instance runs.")
    To = Integer(source="after.number", help_text="The version that a restart would take.")
    Steps = ChangedStep(many=True)
    Data = FieldChange(many=True, help_text="What the instance holds now and would be lost, or start anew.")
    ApprovalsAskedBefore = Integer(source="approvals_before.asked")
    ApprovalsAskedAfter = Integer(source="approvals_after.asked")
    ApprovalsGiven = Integer(help_text="These count no more.")
    Warnings = serializers.ListField(child=Text(), help_text="Where the chosen version is the weaker one.")
