"""What every failure answers (D11), and what those of definitions, enrollments and revocations add."""

from __future__ import annotations

from rest_framework import serializers

from workflows.api.serializers.base import Serializer, Text
from workflows.api.serializers.certificates.answers import SuspendedRevocation
from workflows.api.serializers.differences import ChangedStep, FieldChange


class Failure(Serializer):
    """What every failure answers (D11)."""

    ErrorCode = Text(help_text="Stable; docs/error-codes.md lists all.")
    Message = Text(help_text="What is wrong and what to do.")
    RequestId = Text(help_text="Finds the call in the log.")


class DefinitionFailure(Failure):
    """With `Problems` where steps are refused; with the rest after a change by somebody else (409)."""

    Problems = serializers.ListField(child=Text(), required=False, help_text="Each reason by itself.")
    ETag = Text(required=False, help_text="Of the state that holds now.")
    ChangedBy = serializers.ListField(child=Text(), required=False, help_text="Who changed it meanwhile.")
    ChangedOn = serializers.DateTimeField(required=False, help_text="The last time.")
    Changes = FieldChange(many=True, required=False, help_text="What differs from the state that was sent.")
    Steps = ChangedStep(many=True, required=False, help_text="Which steps differ from it.")


class EnrollmentFailure(Failure):
    """With the rest where the workflow of the request failed or was rejected."""

    RequestDisposition = serializers.ChoiceField(choices=["FAILED", "REJECTED"], required=False)
    WorkflowInstanceId = serializers.UUIDField(required=False)
    WorkflowReferenceId = serializers.IntegerField(required=False)
    KeyfactorRequestId = serializers.IntegerField(required=False)
    KeyfactorId = serializers.IntegerField(required=False, help_text="Of a certificate issued before.")


class FailedOperation(Serializer):
    CertId = serializers.IntegerField()
    WorkflowId = serializers.UUIDField()
    Reason = Text()


class RevocationFailure(Failure):
    """With what was done and what waits, where some of several could not be revoked."""

    RevokedIds = serializers.ListField(child=serializers.IntegerField(), required=False)
    SuspendedCerts = SuspendedRevocation(many=True, required=False)
    FailedOperations = FailedOperation(many=True, required=False)
