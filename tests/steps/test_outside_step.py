"""What every step that calls out does with an answer that asks to wait (RFC 6585, 4)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.connectors.servers import HttpServer, Reply
from tests.steps.running import run_step, runs_of
from workflows.vocabulary.statuses import InstanceStatus, StepRunStatus

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("verb", ["GET", "POST"])
@pytest.mark.parametrize(
    ("header", "least"), [("40", 40), ("1", 5), ("soon", 5), ("Sun, 22 Nov 2026 10:00:00 GMT", 5)]
)
def test_what_was_not_taken_is_sent_again_when_the_server_wants(
    site: HttpServer, verb: str, header: str, least: int
) -> None:
    site.replies["/hook"] = Reply(429, {"Retry-After": header})
    url = f"http://127.0.0.1:{site.port}/hook"
    instance = run_step("RESTRequest", {"URL": url, "Verb": verb, "RetryBackoffSeconds": 5})
    run = runs_of(instance)[0]
    assert (instance.status, run.status) == (InstanceStatus.Running, StepRunStatus.Retried)
    assert instance.ready_at is not None
    waits = instance.ready_at - run.started_at
    assert timedelta(seconds=least) <= waits
    assert len(site.seen) == 1


def test_it_is_not_sent_more_often_than_allowed(site: HttpServer) -> None:
    site.replies["/hook"] = Reply(429)
    url = f"http://127.0.0.1:{site.port}/hook"
    instance = run_step("RESTRequest", {"URL": url, "RetryAttempts": 0})
    assert instance.status_message == "Step 'Tested' failed: the server answered 429 Too Many Requests"
