"""What subscribers are to be told is written with the change, once for each change and subscription."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.db import transaction

from tests import builders
from tests import world as scenery
from tests.actions.conftest import world
from tests.subscribers import subscribe
from workflows.access.actors import TIMER_SERVICE
from workflows.actions import approvals, instances
from workflows.models import Certificate, DefinitionVersion, Instance, WebhookDelivery
from workflows.vocabulary.statuses import InstanceStatus

if TYPE_CHECKING:
    from tests.world import World

__all__ = ["world"]
pytestmark = pytest.mark.django_db
SUSPENDED, COMPLETE = InstanceStatus.Suspended, InstanceStatus.Complete


def told() -> list[str]:
    changes = WebhookDelivery.objects.order_by("pk").values_list("change", flat=True)
    return [InstanceStatus(number).name for number in changes]


def approving(name: str = "approver") -> tuple[DefinitionVersion, object]:
    person = builders.user(name)
    role = builders.role(f"{name}s", person)
    first, second = (builders.approval(f"Approval{number}", roles=[role]) for number in (1, 2))
    return builders.publish(builders.chain(first, second)), person


def approve(instance: Instance, person: object, step: str) -> None:
    actor = builders.actor(person)  # type: ignore[arg-type]
    approvals.approve(instance.guid, actor=actor, step_name=step)
    builders.run_until_quiet()


def test_each_wait_for_people_and_the_end_are_told() -> None:
    subscribe()
    version, person = approving()
    instance = builders.run(version)
    assert told() == ["Suspended"]
    approve(instance, person, "Approval1")
    approve(instance, person, "Approval2")
    assert told() == ["Suspended", "Suspended", "Complete"]


def test_the_message_says_how_the_instance_stood() -> None:
    subscribe()
    version, person = approving()
    instance = builders.run(version)
    approve(instance, person, "Approval1")
    first = WebhookDelivery.objects.order_by("pk").first()
    assert first is not None
    assert first.data == {
        "InstanceId": str(instance.guid),
        "ReferenceId": instance.pk,
        "Status": "Suspended",
        "StatusMessage": "Awaiting 1 more approval(s) from approval roles.",
        "Title": "A test",
        "WorkflowType": "Expiration",
        "DefinitionId": str(version.definition.guid),
        "Definition": "A workflow",
        "Version": 1,
        "Step": "Approval1",
        "StepDisplayName": "Approve",
        "KeyfactorRequestId": None,
        "CertificateId": None,
        "AwaitedRoles": ["approvers"],
    }


def test_the_certificate_is_named_once_it_is_there(world: World) -> None:
    subscribe()
    scenery.needs_approvals(world)
    enrolled = scenery.enroll(world)
    approvals.approve(enrolled.instance.guid, actor=world.actor("approver"), step_name="RequireApproval1")
    builders.run_until_quiet()
    named = [each.data["CertificateId"] for each in WebhookDelivery.objects.order_by("pk")]
    assert named == [None, Certificate.objects.get().pk]


def test_half_of_the_approvals_are_no_change() -> None:
    subscribe()
    people = [builders.user(name) for name in ("one", "two")]
    role = builders.role("Approvers", *people)
    step = builders.approval(roles=[role], MinimumApprovals=2)
    instance = builders.run(builders.publish(builders.chain(step)))
    approve(instance, people[0], "RequireApproval1")
    assert told() == ["Suspended"]


def test_only_what_was_asked_for_is_told() -> None:
    noops = builders.publish(builders.noops(3))
    version, _ = approving()
    subscribe(path="/complete", changes=[COMPLETE])
    subscribe(path="/this", definition=version.definition.guid)
    subscribe(path="/off", enabled=False)
    builders.run(noops)
    builders.run(version)
    paths = WebhookDelivery.objects.order_by("pk").values_list("subscription__url", "change")
    assert [(url.rpartition("/")[2], change) for url, change in paths] == [
        ("complete", COMPLETE),
        ("this", SUSPENDED),
    ]


def test_without_a_subscription_nothing_is_written() -> None:
    builders.run(builders.publish(builders.noops(3)))
    subscribe(enabled=False)
    builders.run(builders.publish(builders.noops(3)))
    assert told() == []


def test_stop_denial_restart_and_failure_are_told(world: World) -> None:
    subscribe()
    scenery.needs_approvals(world)
    old = scenery.enroll(world).instance
    new = instances.restart(old.guid, actor=TIMER_SERVICE)
    builders.run_until_quiet()
    instances.stop(new.guid, actor=TIMER_SERVICE)
    scenery.enroll(world, csr=scenery.csr("not a host", dns=["www.keyexample.com"]))
    assert told() == ["Suspended", "CanceledForRestart", "Suspended", "Rejected", "Failed"]


def test_a_change_that_is_not_stored_is_not_told() -> None:
    subscribe()
    instance = builders.start(builders.publish(builders.noops(3)))
    with transaction.atomic():
        builders.run_until_quiet()
        assert told() == ["Complete"]
        transaction.set_rollback(True)
    assert told() == []
    assert builders.reload(instance).status == InstanceStatus.Running
