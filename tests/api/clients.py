"""People with roles, and a client that calls as one of them."""

from __future__ import annotations

import base64
import json
from typing import Any

from django.http import HttpResponse
from django.test import Client

from workflows.models import Role, User

PASSWORD = "correct horse battery"


class ApiClient:
    """Calls below one mount with Basic credentials; `call("GET", "Templates")`."""

    def __init__(
        self, username: str | None = None, *, mount: str = "/api/", password: str = PASSWORD
    ) -> None:
        credentials = base64.b64encode(f"{username}:{password}".encode()).decode()
        self.headers = {"Authorization": f"Basic {credentials}"} if username else {}
        self.mount = mount
        self.client = Client()

    def call(self, verb: str, path: str, body: Any = None, **headers: str) -> HttpResponse:
        content = b"" if body is None else json.dumps(body)
        return self.client.generic(
            verb,
            self.mount + path,
            content,
            content_type="application/json",
            headers=self.headers | {name.replace("_", "-"): value for name, value in headers.items()},
        )

    def get(self, path: str, **headers: str) -> HttpResponse:
        return self.call("GET", path, **headers)

    def post(self, path: str, body: Any = None, **headers: str) -> HttpResponse:
        return self.call("POST", path, body, **headers)

    def put(self, path: str, body: Any = None, **headers: str) -> HttpResponse:
        return self.call("PUT", path, body, **headers)

    def delete(self, path: str, body: Any = None, **headers: str) -> HttpResponse:
        return self.call("DELETE", path, body, **headers)


def person(username: str, *permissions: str) -> User:
    """A user; with permissions, in a role of his own that holds them."""
    user = User.objects.create_user(username, PASSWORD, email=f"{username}@example.com")
    if permissions:
        Role.objects.create(name=f"role of {username}", permissions=list(permissions)).members.add(user)
    return user
