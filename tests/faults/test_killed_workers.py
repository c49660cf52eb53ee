"""A worker dies at each step boundary and inside EnrollStep: every instance ends, with one certificate."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from django.db import connection
from pytest_django import Settings

from tests import world as scenery
from tests.faults.workers import work_until, worker
from tests.world import World
from workflows.actions import approvals, enrollment
from workflows.actions.enrollment_wishes import Wish
from workflows.models import Certificate, CertificateRequest, Instance, StepRun
from workflows.vocabulary.statuses import InstanceStatus, StepRunStatus

STEP = "RequireApproval1"
BEFORE_APPROVAL = (
    "step:StartNOOP",
    f"step:{STEP}",
    f"stored:{STEP}",
    f"committed:{STEP}",
)
AFTER_APPROVAL = (
    f"step:{STEP}",
    "step:KeyfactorEnroll",
    "signed:KeyfactorEnroll",
    "step:EndNOOP",
    "stored:EndNOOP",
    "committed:EndNOOP",
)


@pytest.fixture
def world(transactional_db: None, tmp_path: Path, settings: Settings) -> Iterator[World]:
    settings.ENROLL_WAIT_SECONDS = 0
    yield scenery.make(tmp_path)
    connection.close()


@pytest.mark.timeout(900)  # real workers start, die and start again
def test_every_instance_ends_with_exactly_one_certificate(world: World, tmp_path: Path) -> None:
    scenery.needs_approvals(world)
    for place in BEFORE_APPROVAL:
        ask(world)
        let_die(tmp_path, place)
    ask_until(world, len(AFTER_APPROVAL))
    finish(tmp_path, InstanceStatus.Suspended)
    for place, instance in zip(AFTER_APPROVAL, waiting(), strict=True):
        approvals.approve(instance.guid, actor=world.actor("approver"), step_name=STEP)
        let_die(tmp_path, place)
    finish(tmp_path, InstanceStatus.Complete)
    assert Certificate.objects.count() == CertificateRequest.objects.count() == len(AFTER_APPROVAL)
    assert {row.status_message for row in Instance.objects.all()} == {"Issued"}
    for instance in Instance.objects.all():
        assert history(instance) == ["StartNOOP", STEP, "KeyfactorEnroll", "EndNOOP"]


def ask(world: World) -> None:
    wish = Wish(template="WebServer", csr=scenery.csr())
    enrollment.enroll(wish, actor=world.actor("requester"))


def ask_until(world: World, count: int) -> None:
    while Instance.objects.count() < count:
        ask(world)


def let_die(folder: Path, place: str) -> None:
    """Run a worker until it has killed itself at that place."""
    name = f"doomed-{place.replace(':', '-')}-{Instance.objects.exclude(ready_at=None).count()}"
    with worker(folder, name, die_at=place) as child:
        work_until(lambda: not child.is_alive(), f"death at {place}", child)


def finish(folder: Path, status: InstanceStatus) -> None:
    """Let a healthy worker take up whatever the dead have left."""
    with worker(folder, f"healthy-{status.name}") as child:
        work_until(lambda: not Instance.objects.exclude(status=status).exists(), status.name, child)


def waiting() -> Sequence[Instance]:
    return list(Instance.objects.filter(status=InstanceStatus.Suspended).order_by("pk"))


def history(instance: Instance) -> list[str]:
    """The steps that were done, in order; each once, however often it was begun."""
    done = StepRun.objects.filter(instance=instance, status=StepRunStatus.Done).order_by("pk")
    return [run.step_name for run in done]
