"""People, roles and definitions of one story, made over HTTP as an administrator makes them."""

from __future__ import annotations

import contextlib
import secrets
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import httpx2

from config.supervisor.children import wait_until
from tests.product import Product

PASSWORD = "a long enough pass phrase"
WAIT_SECONDS = 60


@dataclass
class Cast:
    """Names carry a tag, so that stories do not meet; `api` is the mount that is spoken to."""

    product: Product
    administrator: httpx2.Client
    tag: str = field(default_factory=lambda: secrets.token_hex(3))
    clients: list[httpx2.Client] = field(default_factory=list)
    api: str = "/api"

    def person(self, name: str, *permissions: str) -> httpx2.Client:
        """A new user who logs in with Basic; with permissions, in a role of his own."""
        account = self.account(name)
        self.post("Security/Users", {"AccountName": account, "Password": PASSWORD})
        if permissions:
            self.role(f"role of {name}", name, permissions=permissions)
        client = self.product.client(account, PASSWORD)
        self.clients.append(client)
        return client

    def account(self, name: str) -> str:
        return f"{name}-{self.tag}"

    def role(self, name: str, *members: str, permissions: Sequence[str] = ()) -> int:
        body = {
            "Name": f"{name} {self.tag}",
            "Description": "Of a story",
            "Permissions": list(permissions),
            "Identities": [{"AccountName": self.account(member)} for member in members],
        }
        return int(self.post("Security/Roles", body)["Id"])

    @contextlib.contextmanager
    def definition(self, workflow_type: str, template: str, steps: Sequence[dict[str, Any]]) -> Iterator[str]:
        """A published definition that serves the template until the story ends; yields its path."""
        key = str(self.get(f"Templates?QueryString=CommonName -eq {template}")[0]["Id"])
        body = {"DisplayName": f"Story {self.tag}", "WorkflowType": workflow_type, "Key": key}
        path = f"Workflow/Definitions/{self.post('Workflow/Definitions', body)['Id']}"
        try:
            self.put(f"{path}/Steps", steps)
            self.post(f"{path}/Publish")
            yield path
        finally:
            self.administrator.delete(f"{self.api}/{path}").raise_for_status()

    def get(self, path: str) -> Any:
        return _content(self.administrator.get(f"{self.api}/{path}"))

    def post(self, path: str, body: Any = None) -> Any:
        return _content(self.administrator.post(f"{self.api}/{path}", json=body))

    def put(self, path: str, body: Any) -> Any:
        return _content(self.administrator.put(f"{self.api}/{path}", json=body))

    def settled(self, instance_id: str, status: str) -> dict[str, Any]:
        """The instance once it has that status."""
        path = f"Workflow/Instances/{instance_id}"
        assert wait_until(lambda: self.get(path)["Status"] == status, WAIT_SECONDS, pause=0.1), self.get(path)
        found: dict[str, Any] = self.get(path)
        return found

    def close(self) -> None:
        for client in self.clients:
            client.close()


def approval(role: int, count: int, name: str = "Approve") -> dict[str, Any]:
    return {
        "UniqueName": name,
        "ExtensionName": "RequireApproval",
        "ConfigurationParameters": {"MinimumApprovals": count},
        "Signals": [{"SignalName": "ApprovalStatus", "RoleIds": [role]}],
        "Outputs": {"continue": "EndNOOP"},
    }


def from_start_to_end(*middle: dict[str, Any]) -> list[dict[str, Any]]:
    """Start, at most one step, end."""
    first = middle[0]["UniqueName"] if middle else "EndNOOP"
    start = {"UniqueName": "StartNOOP", "ExtensionName": "NOOPStep", "Outputs": {"continue": first}}
    return [start, *middle, {"UniqueName": "EndNOOP", "ExtensionName": "NOOPStep", "Outputs": {}}]


def decision(approved: bool, comment: str = "", step: str = "Approve") -> dict[str, Any]:
    return {"SignalKey": f"{step}.ApprovalStatus", "Data": {"Approved": str(approved), "Comment": comment}}


def _content(answer: httpx2.Response) -> Any:
    assert answer.is_success, f"{answer.request.method} {answer.url}: {answer.status_code} {answer.text}"
    return answer.json() if answer.content else None
