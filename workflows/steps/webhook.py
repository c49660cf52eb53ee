"""Webhook: a signed message to a server, by Standard Webhooks (standardwebhooks.com, specification 1.0)."""

from __future__ import annotations

import base64
import binascii
import hmac
import json
from collections.abc import Mapping
from typing import Any

from django.conf import settings

from workflows.connectors import http
from workflows.connectors.http import HttpCall
from workflows.encryption import Secret
from workflows.engine.contracts import Continue, Parameter, StepContext
from workflows.engine.expressions.places import Place
from workflows.engine.registry import register_step
from workflows.errors import InvalidInput
from workflows.steps.http_step import URL, check_status
from workflows.steps.outside_step import TIMING, OutsideStep
from workflows.vocabulary.parameters import ControlType, ParameterType

PREFIX = "whsec_"


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

    def call(self, context: StepContext) -> Continue:
        body = _body(context)
        call = HttpCall(
            url=context.parameters["URL"],
            method="POST",
            headers=(("Content-Type", "application/json"), *_signature(context, body)),
            body=body,
            timeout=context.parameters["TimeoutSeconds"],
            redirect_limit=0,
        )
        check_status(http.send(call, settings.OUTBOUND_POLICY))
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


def _signature(context: StepContext, body: bytes) -> tuple[tuple[str, str], ...]:
    """The three headers; the id is the same for every attempt, so the receiver knows a repetition."""
    key = _key(context.parameters)
    identifier, moment = f"msg_{context.idempotency_key}", str(int(context.now.timestamp()))
    return (
        ("webhook-id", identifier),
        ("webhook-timestamp", moment),
        ("webhook-signature", sign(key, identifier, moment, body)),
    )


def sign(key: bytes, identifier: str, moment: str, body: bytes) -> str:
    """`v1,` and the base64 of HMAC-SHA256 over id, timestamp and body, joined by dots."""
    digest = hmac.digest(key, f"{identifier}.{moment}.".encode() + body, "sha256")
    return f"v1,{base64.b64encode(digest).decode()}"


def _key(values: Mapping[str, Any]) -> bytes:
    secret: Secret[str] | None = values["SigningSecret"]
    text = secret.reveal().strip() if secret else ""
    try:
        key = base64.b64decode(text.removeprefix(PREFIX), validate=True)
    except binascii.Error:
        key = b""
    if not 24 <= len(key) <= 64:
        raise InvalidInput("SigningSecret must be whsec_ and 24 to 64 octets in base64; enter it again")
    return key
