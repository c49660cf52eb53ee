"""People with roles, and a client that calls as one of them."""

from __future__ import annotations

import base64
import io
import json
from typing import Any

from django.http import HttpResponse
from django.test import Client

from workflows.models import Role, User

PASSWORD = "correct horse battery"


class ApiClient:
    """Calls below one mount with Basic credentials; `call("GET", "Templates")`."""

    def __init__(self, username: str = "", *, mount: str = "/api/", password: str = PASSWORD) -> None:
        self.username = username
        self.password = password
        self.headers = {"Authorization": basic(username, password)} if username else {}
        self.mount = mount
        self.client = Client()

    def at(self, mount: str) -> ApiClient:
        """The same caller at another mount."""
        return ApiClient(self.username, mount=mount, password=self.password)

    def call(self, verb: str, path: str, body: Any = None, **headers: str) -> HttpResponse:
        return self.send(verb, path, b"" if body is None else json.dumps(body).encode(), **headers)

    def send(
        self, verb: str, path: str, content: bytes, *, content_type: str = "application/json", **headers: str
    ) -> HttpResponse:
        """Exactly these bytes; `x_total_count="3"` sends the header `x-total-count`."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.client.generic(
            verb, self.mount + path, content, content_type=content_type, headers=self.headers | named
        )

    def send_chunked(self, verb: str, path: str, content: bytes) -> HttpResponse:
        """As a server hands on a body without a length."""
        stream = {"wsgi.input": io.BytesIO(content), "wsgi.input_terminated": True, "CONTENT_LENGTH": ""}
        return self.client.generic(
            verb, self.mount + path, b"x", content_type="application/json", headers=self.headers, **stream
        )

    def get(self, path: str, **headers: str) -> HttpResponse:
        return self.call("GET", path, **headers)

    def post(self, path: str, body: Any = None, **headers: str) -> HttpResponse:
        return self.call("POST", path, body, **headers)

    def put(self, path: str, body: Any = None, **headers: str) -> HttpResponse:
        return self.call("PUT", path, body, **headers)

    def delete(self, path: str, body: Any = None, **headers: str) -> HttpResponse:
        return self.call("DELETE", path, body, **headers)


def basic(username: str, password: str) -> str:
    return "Basic " + base64.b64encode(f"{username}:{password}".encode()).decode()


def person(username: str, *permissions: str) -> User:
    """A user; with permissions, in a role of his own that holds them."""
    user = User.objects.create_user(username, PASSWORD, email=f"{username}@example.com")
    if permissions:
        Role.objects.create(name=f"role of {username}", permissions=list(permissions)).members.add(user)
    return user
