"""How machines wait: `Retry-After`, who is awaited, and a request that is answered when something changes."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.db import connections
from django.utils import timezone
from rest_framework.request import Request
from rest_framework.test import APIRequestFactory

from tests import builders, statements
from tests import world as scenery
from tests.api.clients import ApiClient
from tests.api.workers import working
from tests.world import World
from workflows.actions import approvals, awaited
from workflows.api.waiting import preferred_wait
from workflows.engine import turns, watching
from workflows.models import Certificate, Instance
from workflows.vocabulary.statuses import InstanceStatus

Cast = Callable[..., ApiClient]


def path(instance: Instance) -> str:
    return f"Workflow/Instances/{instance.guid}"


def suspended(world: World, **parameters: int | str) -> Instance:
    steps = builders.chain(builders.approval(roles=[world.approvers], **parameters))
    return builders.run(builders.publish(steps), initiator_id=world.requester.pk)


def deny(instance: Instance, world: World) -> None:
    actor = world.actor("approver")
    approvals.deny(instance.guid, actor=actor, step_name="RequireApproval1", comment="No")


def test_an_approval_names_the_roles_and_the_deadline(cast: Cast, world: World) -> None:
    instance = suspended(world, DeadlineHours=48)
    answer = cast("requester").get(path(instance))
    assert answer.headers["Retry-After"] == str(awaited.LATER)
    found = answer.json()["Awaited"]
    assert (found["Step"], found["StepDisplayName"]) == ("RequireApproval1", "Approve")
    assert found["Roles"] == ["Approvers"]
    since, deadline = (datetime.fromisoformat(found[name]) for name in ("Since", "Deadline"))
    assert deadline - since == timedelta(hours=48)
    assert "@" not in answer.text.partition('"Awaited"')[2]


def test_a_deadline_that_escalates_ends_nothing(cast: Cast, world: World) -> None:
    instance = suspended(world, DeadlineHours=48, OnDeadline="Escalate", EscalationRole="Approvers")
    found = cast("operator").get(path(instance)).json()["Awaited"]
    assert (found["Deadline"], found["Roles"]) == (None, ["Approvers"])


def test_without_a_deadline_there_is_none(cast: Cast, world: World) -> None:
    found = cast("operator").get(path(suspended(world))).json()["Awaited"]
    assert found["Deadline"] is None


def test_a_running_one_is_asked_again_soon(cast: Cast, world: World) -> None:
    instance = builders.start(builders.publish(builders.noops(3)))
    answer = cast("operator").get(path(instance))
    assert answer.headers["Retry-After"] == str(awaited.SOON)
    assert answer.json()["Awaited"]["Roles"] == []


@pytest.mark.parametrize(("hours", "seconds"), [(100, awaited.LATEST), (-1, awaited.SOON)])
def test_a_timer_says_when_it_is_worth_asking(cast: Cast, world: World, hours: int, seconds: int) -> None:
    instance = builders.start(builders.publish(builders.noops(3)))
    due = timezone.now() + timedelta(hours=hours)
    Instance.objects.filter(pk=instance.pk).update(ready_at=due)
    answer = cast("operator").get(path(instance))
    assert answer.headers["Retry-After"] == str(seconds)
    assert (answer.json()["Awaited"]["Deadline"] is not None) is (hours > 0)


def test_the_lease_of_a_call_is_no_time_that_anything_ends(cast: Cast, world: World) -> None:
    values = {
        "URL": "https://example.com",
        "Verb": "GET",
        "DataBucketProperty": "Answer",
        "TimeoutSeconds": 120,
    }
    call = builders.step("RESTRequest", "Call", ConfigurationParameters=values)
    instance = builders.start(builders.publish(builders.chain(call)))
    turns._batch("interactive", turns.BATCH)  # the intent is stored, the call not made
    instance = builders.reload(instance)
    assert (instance.step_name, instance.ready_at is not None) == ("Call", True)
    answer = cast("operator").get(path(instance))
    assert answer.headers["Retry-After"] == str(awaited.SOON)
    assert answer.json()["Awaited"]["Deadline"] is None
    assert awaited.retry_after(instance) == awaited.SOON


def test_a_finished_one_has_neither(cast: Cast, world: World) -> None:
    answer = cast("operator").get(path(builders.run(builders.publish(builders.noops(3)))))
    assert "Retry-After" not in answer.headers
    assert "Awaited" not in answer.json()


def test_whoever_is_awaited_costs_one_statement_and_a_finished_one_none(cast: Cast, world: World) -> None:
    """Beside those for the caller, his roles and the instance."""
    operator = cast("operator")
    finished = builders.run(builders.publish(builders.noops(3)))
    for instance, count in ((suspended(world), 4), (finished, 3)):
        operator.get(path(instance))  # the first login of a minute is hashed and counted
        with statements.sent() as sent:
            assert operator.get(path(instance)).status_code == 200
        assert len(sent) == count, sent


def test_a_pending_enrollment_says_who_is_awaited(cast: Cast, world: World) -> None:
    scenery.needs_approvals(world)
    body = {"CSR": scenery.csr(), "Template": "WebServer", "Timestamp": "2026-11-22T10:00:00Z"}
    answer = cast("requester").post("Enrollment/CSR", body)
    found = answer.json()["CertificateInformation"]
    assert found["RequestDisposition"] == "PENDING"
    assert answer.headers["Retry-After"] == str(awaited.SOON)  # no worker has come to the approval yet
    assert found["Awaited"]["Step"] == "StartNOOP"


def test_an_awaited_revocation_says_when_to_ask_again(cast: Cast, world: World) -> None:
    scenery.enroll(world)
    certificate = Certificate.objects.get()
    body = {"CertificateIds": [certificate.pk], "Reason": 1, "Comment": "Lost"}
    answer = cast("operator").post("Certificates/Revoke", body)
    assert len(answer.json()["SuspendedCerts"]) == 1
    assert answer.headers["Retry-After"] == str(awaited.SOON)


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("wait=10", 10),
        ("respond-async, wait=10", 10),
        ('WAIT = "7"; foo=1', 7),
        ("wait=10, wait=20", 10),
        ("await=10", 0),
        ("wait=-3", 0),
        ("wait=ten", 0),
        ("wait=99999999999", 0),
        ("", 0),
    ],
)
def test_what_a_caller_prefers(header: str, seconds: int) -> None:
    request = Request(APIRequestFactory().get("/", headers={"Prefer": header}))
    assert preferred_wait(request) == seconds


def test_nobody_waits_for_a_finished_one(cast: Cast, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(awaited, "wait_until", None)
    instance = builders.run(builders.publish(builders.noops(3)))
    assert cast("operator").get(path(instance), prefer="wait=30").status_code == 200


@pytest.mark.django_db(transaction=True)
def test_the_answer_comes_when_the_status_changes(cast: Cast, world: World) -> None:
    instance, operator = suspended(world), cast("operator")
    places = watching._places()

    def decide() -> None:
        try:
            while places._value == places._initial_value:  # type: ignore[attr-defined]
                threading.Event().wait(0.01)
            deny(instance, world)
        finally:
            connections.close_all()

    decider = threading.Thread(target=decide)
    with working():
        decider.start()
        answer = operator.get(path(instance), prefer="wait=30")
        decider.join()
    assert InstanceStatus[answer.json()["Status"]] is not InstanceStatus.Suspended


def test_who_finds_no_place_is_answered_at_once(cast: Cast, world: World) -> None:
    instance, places = suspended(world), watching._places()
    taken = [places.acquire(blocking=False) for _ in range(places._initial_value)]  # type: ignore[attr-defined]
    try:
        assert cast("operator").get(path(instance), prefer="wait=30").json()["Status"] == "Suspended"
    finally:
        for each in taken:
            if each:
                places.release()
