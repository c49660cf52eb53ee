"""What servers of others are sent, for the description: signed by Standard Webhooks 1.0."""

from __future__ import annotations

from drf_spectacular.utils import OpenApiWebhook, extend_schema
from rest_framework import serializers

from workflows.actions.deliveries import TYPES
from workflows.api.serializers.base import Document, FreeMap, Text
from workflows.vocabulary.statuses import InstanceStatus

SIGNED = (
    "`webhook-signature` is `v1,` and the base64 of HMAC-SHA256 over `webhook-id`, `webhook-timestamp` and "
    "the body as sent, joined by dots; the key is what follows `whsec_` in the secret, from base64. Any 2xx "
    "says that it has come; the same message may come twice, with the same `webhook-id`."
)
_HEADERS = {
    "webhook-id": "Of the message, the same at every attempt.",
    "webhook-timestamp": "Of the attempt, in seconds since 1970.",
    "webhook-signature": "`v1,` and the signature in base64; several are separated by spaces.",
}
PARAMETERS = [
    {"in": "header", "name": name, "required": True, "description": text, "schema": {"type": "string"}}
    for name, text in _HEADERS.items()
]


class ChangedInstance(Document):
    """How the instance stood at the moment of the change."""

    InstanceId = serializers.UUIDField()
    ReferenceId = serializers.IntegerField()
    Status = serializers.ChoiceField(choices=[status.name for status in InstanceStatus])
    StatusMessage = Text()
    Title = Text()
    WorkflowType = Text()
    DefinitionId = serializers.UUIDField()
    Definition = Text()
    Version = serializers.IntegerField()
    Step = Text()
    StepDisplayName = Text()
    KeyfactorRequestId = serializers.IntegerField(allow_null=True)
    CertificateId = serializers.IntegerField(
        allow_null=True, help_text="Of a revocation, or the one that an enrollment has issued."
    )
    AwaitedRoles = serializers.ListField(
        child=Text(), help_text="Of which members may answer, while it is suspended."
    )


class WorkflowChanged(Document):
    """The body of a message to a subscription."""

    type = serializers.ChoiceField(choices=list(TYPES.values()))
    timestamp = serializers.DateTimeField(help_text="Of the change; webhook-timestamp: of the attempt.")
    data = ChangedInstance()  # type: ignore[assignment]


class WorkflowReached(Document):
    """The body that the step Webhook sends."""

    type = Text(help_text="The EventType of the step.")
    timestamp = serializers.DateTimeField()
    data = FreeMap(  # type: ignore[assignment]
        help_text="InstanceId, WorkflowType, and the EventData of the step."
    )


CHANGED = OpenApiWebhook(
    "workflowChanged",
    extend_schema(
        summary="A subscription is told of a change",
        description=SIGNED,
        tags=["Webhooks"],
        request=WorkflowChanged,
        responses={"2XX": None},
    ),
)
REACHED = OpenApiWebhook(
    "workflowReached",
    extend_schema(
        summary="The step Webhook is reached",
        description=SIGNED,
        tags=["Webhooks"],
        request=WorkflowReached,
        responses={"2XX": None},
    ),
)
