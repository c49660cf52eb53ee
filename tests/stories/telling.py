"""What the people of the stories do, each over the API with his own rights; workers take turns in between."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.http import HttpResponse

from tests import builders
from tests.api.clients import ApiClient
from tests.world import World
from workflows.models import CertificateTemplate, Role

TEMPLATE = "WebServerPfx"
STEP = "RequireApproval1"
APPROVED = {"SignalKey": f"{STEP}.ApprovalStatus", "Data": {"Approved": "True", "Comment": "Fine"}}


@dataclass
class Story:
    """John requests, an approver approves, an administrator looks after definitions and instances."""

    john: ApiClient
    approver: ApiClient
    second_approver: ApiClient
    administrator: ApiClient
    role: Role
    definition: str  # its path

    @classmethod
    def begin(cls, cast: Callable[..., ApiClient], world: World) -> Story:
        people = [cast(name) for name in ("requester", "approver", "second_approver", "operator")]
        key = str(CertificateTemplate.objects.get(common_name=TEMPLATE).pk)
        body = {"DisplayName": "Web servers of the enterprise", "WorkflowType": "Enrollment", "Key": key}
        made = done(people[-1].post("Workflow/Definitions", body)).json()
        return cls(*people, world.approvers, f"Workflow/Definitions/{made['Id']}")

    def save(self, approvals: int = 1, *, role: Role | None = None) -> None:
        """Edit the steps: so many approvals by holders of the role."""
        approval = builders.approval(STEP, roles=[role or self.role], MinimumApprovals=approvals)
        done(self.administrator.put(f"{self.definition}/Steps", builders.chain(approval)))

    def publish(self, approvals: int = 1, *, role: Role | None = None) -> None:
        """Edit the steps and publish what that makes, the next version."""
        self.save(approvals, role=role)
        done(self.administrator.post(f"{self.definition}/Publish"))

    @property
    def published(self) -> int:
        return int(self.administrator.get(self.definition).json()["PublishedVersion"])

    def request(self) -> str:
        """John enrolls; the id of the instance that waits for its approvals."""
        body = {
            "Subject": "CN=appsrvr14.keyexample.com",
            "SANs": {"DNS": ["appsrvr14.keyexample.com"]},
            "Template": TEMPLATE,
            "Password": "of the file",
        }
        answer = done(self.john.post("Enrollment/PFX", body)).json()["CertificateInformation"]
        builders.run_until_quiet()
        assert answer["RequestDisposition"] == "PENDING"
        return str(answer["WorkflowInstanceId"])

    def approve(self, instance: str, by: ApiClient | None = None) -> int:
        """The status that the approval is answered with."""
        answer = (by or self.approver).post(f"Workflow/Instances/{instance}/Signals", APPROVED)
        builders.run_until_quiet()
        return answer.status_code

    def stop(self, instance: str) -> None:
        done(self.administrator.post(f"Workflow/Instances/{instance}/Stop"))

    def restart(self, instance: str, version: int | None = None) -> str:
        """The id of the new instance."""
        answer = done(self.try_restart(instance, version))
        builders.run_until_quiet()
        return answer["Location"].rpartition("/")[2]

    def try_restart(self, instance: str, version: int | None = None) -> HttpResponse:
        query = f"?version={version}" if version else ""
        return self.administrator.post(f"Workflow/Instances/{instance}/Restart{query}")

    def see(self, instance: str, by: ApiClient | None = None) -> dict[str, Any]:
        found: dict[str, Any] = done((by or self.administrator).get(f"Workflow/Instances/{instance}")).json()
        return found

    def state(self, instance: str) -> tuple[str, int, str]:
        """Status, version and message."""
        found = self.see(instance)
        return found["Status"], found["Definition"]["Version"], found["StatusMessage"]

    def assigned(self, person: ApiClient) -> list[str]:
        return [row["Id"] for row in done(person.get("Workflow/Instances/AssignedToMe")).json()]


def done(answer: HttpResponse) -> HttpResponse:
    assert answer.status_code in {200, 204}, answer.content
    return answer
