"""Versions are pinned, restarts choose, nobody approves his own, strangers see nothing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import httpx2
import pytest

from tests.functional import openssl
from tests.functional.cast import Cast, approval, decision, from_start_to_end

MANAGE = ("/workflows/instances/manage/", "/workflows/instances/read/")


@dataclass
class Story:
    cast: Cast
    requester: httpx2.Client
    approver: httpx2.Client
    operator: httpx2.Client
    role: int
    definition: str

    def enroll(self) -> str:
        """The GUID of a new instance that waits for the approval."""
        body = {"CSR": openssl.signing_request("Key Example builds"), "Template": "CodeSigning"}
        answer = self.requester.post("/api/Enrollment/CSR", json=body).json()["CertificateInformation"]
        assert answer["RequestDisposition"] == "PENDING"
        return str(answer["WorkflowInstanceId"])

    def approve(self, instance: str, by: httpx2.Client | None = None) -> httpx2.Response:
        path = f"/api/Workflow/Instances/{instance}/Signals"
        return (by or self.approver).post(path, json=decision(approved=True))

    def publish(self, approvals: int) -> None:
        """Save the steps with another number of approvals, which makes the next version, and publish it."""
        self.cast.put(f"{self.definition}/Steps", from_start_to_end(approval(self.role, approvals)))
        self.cast.post(f"{self.definition}/Publish")

    def restart(self, instance: str, query: str = "") -> httpx2.Response:
        return self.operator.post(f"/api/Workflow/Instances/{instance}/Restart{query}")

    def version(self, instance: str) -> int:
        return int(self.cast.get(f"Workflow/Instances/{instance}")["Definition"]["Version"])


@pytest.fixture
def story(cast: Cast) -> Iterator[Story]:
    requester = cast.person("requester", "/certificates/enrollment/csr/", "/workflows/instances/read/mine/")
    approver, operator = cast.person("approver"), cast.person("operator", *MANAGE)
    role = cast.role("approvers", "approver", "requester")
    steps = from_start_to_end(approval(role, 1))
    with cast.definition("Enrollment", "CodeSigning", steps) as definition:
        yield Story(cast, requester, approver, operator, role, definition)


def newest(restarted: httpx2.Response) -> str:
    assert restarted.status_code == 204, restarted.text
    return restarted.headers["Location"].rpartition("/")[2]


def test_an_instance_stays_with_the_version_it_began_with(story: Story) -> None:
    before = story.enroll()
    story.publish(approvals=2)
    after = story.enroll()
    assert (story.version(before), story.version(after)) == (1, 2)
    story.approve(before)
    story.approve(after)
    story.cast.settled(before, "Complete")
    assert story.cast.settled(after, "Suspended")["StatusMessage"].startswith("Awaiting 1 more")


def test_a_suspended_one_restarts_on_what_is_published(story: Story) -> None:
    old = story.enroll()
    story.publish(approvals=2)
    assert story.restart(old, "?version=1").status_code == 400
    new = newest(story.restart(old))
    assert (story.version(new), story.cast.settled(old, "CanceledForRestart")["Id"]) == (2, old)
    assert story.cast.settled(new, "Suspended")["StatusMessage"].startswith("Awaiting 2 more")


def test_a_stopped_one_restarts_on_the_published_or_its_own_version(story: Story) -> None:
    old = story.enroll()
    assert story.operator.post(f"/api/Workflow/Instances/{old}/Stop").status_code == 204
    story.publish(approvals=2)
    for query, version in (("", 2), ("?version=1", 1)):
        new = newest(story.restart(old, query))
        assert story.version(new) == version
        assert story.restart(old).status_code == 409  # the new one goes on
        assert story.operator.post(f"/api/Workflow/Instances/{new}/Stop").status_code == 204
    assert story.restart(old, "?version=3").status_code == 400
    assert story.cast.settled(old, "Rejected")["StatusMessage"].startswith("Stopped by ")


def test_saving_after_a_roll_back_makes_the_next_version(story: Story) -> None:
    story.publish(approvals=2)
    back = story.cast.post(f"{story.definition}/Publish/1")
    assert (back["DraftVersion"], back["PublishedVersion"]) == (2, 1)
    assert story.version(story.enroll()) == 1
    steps = from_start_to_end(approval(story.role, 3))
    saved = story.cast.put(f"{story.definition}/Steps", steps)
    assert (saved["DraftVersion"], saved["PublishedVersion"]) == (3, 1)
    second = story.cast.get(f"{story.definition}?definitionVersion=2")["Steps"]
    assert second[1]["ConfigurationParameters"]["MinimumApprovals"] == 2


def test_a_restart_after_the_definition_was_deleted_is_a_conflict(cast: Cast) -> None:
    requester = cast.person("requester", "/certificates/enrollment/csr/")
    role = cast.role("approvers", "requester")
    with cast.definition("Enrollment", "CodeSigning", from_start_to_end(approval(role, 1))):
        body = {"CSR": openssl.signing_request("Key Example builds"), "Template": "CodeSigning"}
        answer = requester.post("/api/Enrollment/CSR", json=body).json()["CertificateInformation"]
    restarted = cast.administrator.post(f"/api/Workflow/Instances/{answer['WorkflowInstanceId']}/Restart")
    assert (restarted.status_code, restarted.json()["ErrorCode"]) == (409, "0xC0050001")


def test_nobody_approves_his_own(story: Story) -> None:
    instance = story.enroll()
    own = story.approve(instance, by=story.requester)
    assert (own.status_code, own.json()["ErrorCode"]) == (403, "0xC0030001")
    assert story.cast.settled(instance, "Suspended")["StatusMessage"].startswith("Awaiting 1 more")


def test_strangers_see_nothing(story: Story) -> None:
    instance = story.enroll()
    nobody, reader = (
        story.cast.person("nobody"),
        story.cast.person("reader", "/workflows/instances/read/mine/"),
    )
    path = f"/api/Workflow/Instances/{instance}"
    assert nobody.get(path).status_code == 403
    assert reader.get(path).status_code == 404
    for stranger in (nobody, reader):
        assert story.approve(instance, by=stranger).status_code == 404
        assert stranger.get("/api/Workflow/Instances").status_code == 403
        assert stranger.post(f"{path}/Stop").status_code == 403
        assert stranger.get(f"/api/{story.definition}").status_code == 403
    assert reader.get("/api/Workflow/Instances/My").json() == []
