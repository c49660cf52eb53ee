"""An OAuth 2.0 server that is not ours: authlib's, with the grant of client credentials, and a guarded page.

oidc-provider-mock, which plays the identity provider elsewhere, knows no such grant.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from authlib.integrations.flask_oauth2 import AuthorizationServer, ResourceProtector
from authlib.oauth2.rfc6749 import grants, scope_to_list
from authlib.oauth2.rfc6750 import BearerTokenValidator
from flask import Flask, jsonify
from werkzeug.serving import make_server

CLIENT, SECRET = "countersign", "kept-very-secret-49"
SCOPES = {"hosts:read", "hosts:write"}


class Client:
    """The one that is registered: sends its secret in the form, may use this grant and these scopes."""

    client_id = CLIENT

    def check_client_secret(self, secret: str) -> bool:
        return secret == SECRET

    def check_endpoint_auth_method(self, method: str, endpoint: str) -> bool:
        return method == "client_secret_post"

    def check_grant_type(self, grant_type: str) -> bool:
        return grant_type == "client_credentials"

    def get_allowed_scope(self, scope: str | None) -> str:
        return " ".join(each for each in scope_to_list(scope or "") or [] if each in SCOPES)


@dataclass
class Token:
    """One that was given."""

    scope: str
    expires_in: int
    is_ended: bool = False
    is_taken_back: bool = False

    def get_scope(self) -> str:
        return self.scope

    def is_expired(self) -> bool:
        return self.is_ended

    def is_revoked(self) -> bool:
        return self.is_taken_back


@dataclass
class OAuthServer:
    """`/token` gives tokens, `/hosts/7` wants one with the scope `hosts:read`."""

    port: int = 0
    given: dict[str, Token] = field(default_factory=dict)
    opened: int = 0

    def url(self, path: str) -> str:
        return f"http://127.0.0.1:{self.port}{path}"

    @property
    def last(self) -> Token:
        return list(self.given.values())[-1]


class ClientCredentials(grants.ClientCredentialsGrant):  # type: ignore[misc]
    TOKEN_ENDPOINT_AUTH_METHODS = ["client_secret_post", "client_secret_basic"]


@contextlib.contextmanager
def running(lifetime: int = 3600) -> Iterator[OAuthServer]:
    """Tokens say that they live for so many seconds."""
    state = OAuthServer()
    server = make_server("127.0.0.1", 0, _application(state, lifetime), threaded=True)
    state.port = server.server_port
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield state
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _application(state: OAuthServer, lifetime: int) -> Flask:
    application = Flask(__name__)
    application.config["OAUTH2_TOKEN_EXPIRES_IN"] = {"client_credentials": lifetime}
    authority = AuthorizationServer(
        application, lambda name: Client() if name == CLIENT else None, _keeper(state)
    )
    authority.register_grant(ClientCredentials)
    guard = ResourceProtector()
    guard.register_token_validator(_validator(state)())

    @application.post("/token")
    def token() -> Any:
        return authority.create_token_response()

    @application.get("/hosts/7")
    @guard("hosts:read")
    def host() -> Any:
        state.opened += 1
        return jsonify(owner="ann")

    return application


def _keeper(state: OAuthServer) -> Any:
    def keep(token: dict[str, Any], _request: Any) -> None:
        state.given[token["access_token"]] = Token(token.get("scope", ""), token["expires_in"])

    return keep


def _validator(state: OAuthServer) -> type[BearerTokenValidator]:
    class Validator(BearerTokenValidator):  # type: ignore[misc]
        def authenticate_token(self, text: str) -> Token | None:
            return state.given.get(text)

    return Validator
