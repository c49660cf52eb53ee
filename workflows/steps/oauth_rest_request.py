"""Invoke OAuth REST Request: client credentials, then the call (workflow-definitions.md, 3.4)."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from django.conf import settings

from workflows.connectors import oauth
from workflows.connectors.http import HttpAnswer
from workflows.connectors.oauth import Client
from workflows.connectors.outbound import Deadline
from workflows.encryption import Secret
from workflows.engine.contracts import Parameter, StepContext
from workflows.engine.registry import register_step
from workflows.errors import InvalidInput, OutsideCallFailed
from workflows.steps.http_faults import secret_of, url_faults
from workflows.steps.http_step import REQUEST, HttpStep
from workflows.steps.outside_step import TIMING
from workflows.vocabulary.parameters import ControlType, ParameterType

CLIENT = (
    Parameter("client_id", "Client id", required=True),
    Parameter("client_secret", "Client secret", ParameterType.Secret, ControlType.Password, required=True),
    Parameter(
        "TokenEndpoint",
        "Token endpoint",
        ParameterType.Secret,
        ControlType.Password,
        required=True,
        help="The https:// address that gives tokens.",
    ),
    Parameter("scope", "Scope", default=""),
    Parameter("audience", "Audience", default=""),
)


class OAuthStep(HttpStep):
    """A request with an access token; one that a server refuses (401) is fetched anew, once."""

    def own_headers(self, parameters: Mapping[str, Any]) -> frozenset[str]:
        return frozenset({"authorization"})

    def problems(self, parameters: Mapping[str, Any]) -> list[str]:
        endpoint = secret_of(parameters["TokenEndpoint"])
        return [
            *super().problems(parameters),
            *([] if endpoint is None else url_faults("TokenEndpoint", endpoint)),
        ]

    def answer(self, context: StepContext) -> HttpAnswer:
        client = _client(context.parameters)
        deadline = Deadline(context.parameters["TimeoutSeconds"])
        answer = self._send_with_token(context, client, deadline)
        if answer.status != HTTPStatus.UNAUTHORIZED:
            return answer
        oauth.forget(client)
        return self._send_with_token(context, client, deadline)

    def _send_with_token(self, context: StepContext, client: Client, deadline: Deadline) -> HttpAnswer:
        try:
            token = oauth.token(client, settings.OUTBOUND_POLICY, timeout=deadline.left())
            bearer = ("Authorization", Secret(f"Bearer {token.reveal()}"))
            return self.send(context, (bearer, *self.credentials(context)), deadline.left())
        except TimeoutError:
            raise OutsideCallFailed("there was no complete answer in time", retryable=True) from None


@register_step
class OAuthRestRequest(OAuthStep):
    extension_name = "OAuthRESTRequest"
    display_name = "Invoke OAuth REST Request"
    summary = "Fetches an access token by client credentials, calls a server with it and keeps the answer."
    parameters = (*REQUEST, *CLIENT, *TIMING)


def _client(values: Mapping[str, Any]) -> Client:
    endpoint, secret = values["TokenEndpoint"], values["client_secret"]
    if endpoint is None or secret is None:
        raise InvalidInput("client_secret and TokenEndpoint are needed; enter them again and publish")
    return Client(endpoint.reveal(), values["client_id"], secret, values["scope"], values["audience"])
