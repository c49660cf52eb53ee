"""PostgreSQL restarts while instances run: none is lost, no step is done twice, each has one certificate."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import httpx2
import psycopg
import pytest

from config.supervisor.children import wait_until
from config.supervisor.postgres import Postgres
from tests.faults.test_broker import NOT_YET, enroll, steps
from tests.functional.cast import Cast
from tests.product import Product
from tests.rounds import rounds

INSTANCES = rounds(200)
BROKEN = (500, 502, 503)
SIGNAL = {"SignalKey": "RequireApproval1.ApprovalStatus", "Data": {"Approved": "True"}}


@pytest.mark.timeout(900)  # real processes lose their connections and find them again
def test_nothing_is_lost_or_doubled(product: Product, postgres: Postgres) -> None:
    with product.client() as administrator:
        cast = Cast(product, administrator)
        requester = cast.person("requester", "/certificates/enrollment/csr/")
        approver = cast.person("approver", "/workflows/instances/read/pending/")
        role = cast.role("approvers", "approver")
        with cast.definition("Enrollment", "WebServer", steps(role)):
            ids = [enroll(requester) for _ in range(INSTANCES)]
            with ThreadPoolExecutor(4) as pool:
                approvals = [pool.submit(approve, approver, each) for each in ids]
                wait_until(lambda: any(each.done() for each in approvals), seconds=60)
                restart(postgres)  # in this thread: the server ends with the thread that started it
                assert all(each.result() for each in approvals)
            for each in ids:
                cast.settled(each, "Complete")
        cast.close()
    check(postgres.url, ids)


def restart(postgres: Postgres) -> None:
    postgres.stop()
    postgres.start()


def approve(approver: httpx2.Client, instance_id: str) -> bool:
    """Approve as a client that is told to try again; a 409 after a lost answer says that it was heard."""
    path = f"/api/Workflow/Instances/{instance_id}/Signals"
    lost = False

    def is_decided() -> bool:
        nonlocal lost
        answer = approver.post(path, json=SIGNAL)
        if answer.status_code in BROKEN:
            lost = True
            return False
        return answer.status_code == 204 or (lost and "already" in answer.text) or _unexpected(answer)

    return wait_until(is_decided, 120, pause=0.2)


def _unexpected(answer: httpx2.Response) -> bool:
    assert answer.status_code in NOT_YET, answer.text
    return False


def check(url: str, ids: list[str]) -> None:
    """By the rows: one certificate for each instance, and each step of each done once."""
    with psycopg.connect(url) as connection:
        certificates = connection.execute(_CERTIFICATES, (ids,)).fetchone()
        steps_done = connection.execute(_STEPS_DONE, (ids,)).fetchall()
    assert certificates == (INSTANCES, INSTANCES)
    assert steps_done == [(INSTANCES, INSTANCES)] * 4


_CERTIFICATES = """
    SELECT count(*), count(DISTINCT i.id) FROM workflows_instance i
    JOIN workflows_certificate c USING (request_id) WHERE i.guid = ANY(%s::uuid[])
"""

_STEPS_DONE = """
    SELECT count(*), count(DISTINCT i.id) FROM workflows_instance i
    JOIN workflows_steprun r ON r.instance_id = i.id AND r.status = 3
    WHERE i.guid = ANY(%s::uuid[]) GROUP BY r.step_name
"""
