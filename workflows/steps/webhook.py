"""Webhook: a signed message to a server, by Standard Webhooks."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from django.conf import settings

from workflows.connectors import webhooks
from workflows.connectors.webhooks import Message
from workflows.encryption import Secret
from workflows.engine.contracts import Continue, Parameter, StepContext
from workflows.engine.expressions.places import Place
from workflows.engine.registry import register_step
from workflows.errors import InvalidInput
from workflows.steps.http_faults import secret_of, url_faults
from workflows.steps.http_step import URL, check_status
from workflows.steps.outside_step import TIMING, OutsideStep
from workflows.vocabulary.parameters import ControlType, ParameterType

_WANTED = "SigningSecret, which is whsec_ and 24 to 64 octets in base64"


@register_step
class Webhook(OutsideStep):
    extension_name = "Webhook"
    display_name = "Send Webhook"
    summary = "Posts an event as JSON, signed so that its receiver knows who sent it."
    parameters = (
        URL,
        Parameter(
            "SigningSecret",
            "Signing secret",
            ParameterType.Secret,
            ControlType.Password,
            required=True,
            help="whsec_ and the key in base64, as receivers of Standard Webhooks give it.",
        ),
        Parameter("EventType", "Event type", default="workflow.reached", place=Place.HEADER),
        Parameter(
            "EventData",
            "Data of the event",
            ParameterType.StringMap,
            ControlType.Map,
            default={},
            place=Place.VALUE,
            help="A value that is just one token keeps its type.",
        ),
        *TIMING,
    )

    def problems(self, parameters: Mapping[str, Any]) -> list[str]:
        secret = secret_of(parameters["SigningSecret"])
        is_wrong = secret is not None and webhooks.key_of(Secret(secret)) is None
        return [*url_faults("URL", parameters["URL"]), *([f"has no usable {_WANTED}."] if is_wrong else [])]

    def call(self, context: StepContext) -> Continue:
        message = Message(
            url=context.parameters["URL"],
            body=_body(context),
            key=_key(context.parameters),
            identifier=f"msg_{context.idempotency_key}",
            timeout=context.parameters["TimeoutSeconds"],
        )
        answer = webhooks.post(message, context.now, settings.OUTBOUND_POLICY)
        check_status(answer)
        return Continue()


def _body(context: StepContext) -> bytes:
    values, instance = context.parameters, context.instance
    about = {"InstanceId": str(instance.guid), "WorkflowType": str(instance.workflow_type)}
    event = {
        "type": values["EventType"],
        "timestamp": context.now.isoformat(),
        "data": {**about, **values["EventData"]},
    }
    return json.dumps(event, ensure_ascii=False, separators=(",", ":")).encode()


def _key(values: Mapping[str, Any]) -> bytes:
    secret: Secret[str] | None = values["SigningSecret"]
    key = webhooks.key_of(secret) if secret else None
    if key is None:
        raise InvalidInput(f"there is no usable {_WANTED}; enter it again")
    return key
