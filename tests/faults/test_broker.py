"""Valkey is flushed, then gone for seconds, while instances run: all end, and no approval answers 500."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor

import httpx2
import pytest
import redis

from config.supervisor.children import wait_until
from config.supervisor.valkey import Valkey
from tests import builders
from tests import world as scenery
from tests.functional.cast import Cast
from tests.product import Product
from tests.rounds import rounds

OUTAGE_SECONDS = max(2, rounds(10))
INSTANCES = rounds(200)
NOT_YET = (404, 409)  # the instance has not come to the step


@pytest.mark.timeout(900)  # real workers start, die and start again
def test_all_instances_end(product: Product, valkey: Valkey) -> None:
    with product.client() as administrator:
        cast = Cast(product, administrator)
        requester = cast.person("requester", "/certificates/enrollment/csr/")
        approver = cast.person("approver", "/workflows/instances/read/pending/")
        role = cast.role("approvers", "approver")
        with cast.definition("Enrollment", "WebServer", steps(role)):
            with ThreadPoolExecutor(4) as pool:
                stories = [pool.submit(tell, requester, approver) for _ in range(INSTANCES)]
                disturb(valkey)  # in this thread: the server ends with the thread that started it
                ids, answers = zip(*(story.result() for story in stories), strict=True)
            assert set(answers) == {204}
            for each in ids:
                cast.settled(each, "Complete")
        cast.close()
    assert len(set(ids)) == INSTANCES


def steps(role: int) -> list[builders.Step]:
    asked = builders.step("RequireApproval", "RequireApproval1", to="EndNOOP")
    asked["Signals"] = [{"SignalName": "ApprovalStatus", "RoleIds": [role]}]
    return builders.chain(asked)


def disturb(valkey: Valkey) -> None:
    time.sleep(0.5)
    with redis.Redis.from_url(valkey.url) as client:
        client.flushall()
    time.sleep(0.5)
    valkey.stop()
    time.sleep(OUTAGE_SECONDS)
    valkey.start()


def tell(requester: httpx2.Client, approver: httpx2.Client) -> tuple[str, int]:
    """One request and its approval: the instance, and how the approval was answered."""
    instance_id = enroll(requester)
    return instance_id, approve(approver, instance_id)


def enroll(requester: httpx2.Client) -> str:
    body = {"CSR": scenery.csr(), "Template": "WebServer", "Timestamp": "2026-11-22T00:00:00Z"}
    answer = requester.post("/api/Enrollment/CSR", json=body)
    assert answer.status_code == 200, answer.text
    return str(answer.json()["CertificateInformation"]["WorkflowInstanceId"])


def approve(approver: httpx2.Client, instance_id: str) -> int:
    """Approve as soon as the instance waits; the status of the answer."""
    signal = {"SignalKey": "RequireApproval1.ApprovalStatus", "Data": {"Approved": "True"}}
    answers: list[int] = []

    def is_decided() -> bool:
        answers.append(
            approver.post(f"/api/Workflow/Instances/{instance_id}/Signals", json=signal).status_code
        )
        return answers[-1] not in NOT_YET

    assert wait_until(is_decided, 60, pause=0.2), f"{instance_id} waits for nobody: {set(answers)}"
    return answers[-1]
