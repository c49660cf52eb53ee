"""Mails to approvers, reminder, deadline and escalation of approvals."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db.models import F
from django.utils import timezone

from tests import builders
from tests.steps.running import NAME
from workflows.actions import approvals
from workflows.engine import documents
from workflows.errors import InvalidDefinition
from workflows.models import Instance, Notification, Role, StepRun, User
from workflows.notifications import review_url
from workflows.vocabulary.statuses import InstanceStatus
from workflows.vocabulary.workflow_types import WorkflowType

pytestmark = pytest.mark.django_db


@pytest.fixture
def approvers() -> Role:
    people = [builders.user(name, email=f"{name}@keyexample.com") for name in ("ada", "bob")]
    return builders.role("Approvers", *people)


@pytest.fixture
def bosses() -> Role:
    return builders.role("Bosses", builders.user("eve", email="eve@keyexample.com"))


def waiting(role: Role, **parameters: Any) -> Instance:
    instance = builders.run(
        builders.publish(builders.chain(builders.approval(NAME, roles=[role], **parameters))), {"cn": "a&b"}
    )
    assert instance.status == InstanceStatus.Suspended, instance.status_message
    return instance


def after(instance: Instance, hours: float) -> Instance:
    """The instance, as if its wait had begun so many hours ago; a worker has looked if that is due."""
    begun = timezone.now() - timedelta(hours=hours)
    run = StepRun.objects.get(instance=instance, step_name=NAME)
    earlier = run.started_at - begun
    StepRun.objects.filter(pk=run.pk).update(started_at=begun)
    Instance.objects.filter(pk=instance.pk).update(ready_at=F("ready_at") - earlier)
    builders.run_until_quiet()
    return builders.reload(instance)


def mails() -> list[tuple[str, str]]:
    return [(each.subject, each.recipients[0]) for each in Notification.objects.order_by("id")]


def answer(instance: Instance, name: str, *, approved: bool = True) -> Instance:
    actor = builders.actor(User.objects.get(username=name))
    approvals.signal(instance.guid, f"{NAME}.ApprovalStatus", {"Approved": approved}, actor=actor)
    builders.run_until_quiet()
    return builders.reload(instance)


def test_approvers_are_told_when_it_begins_to_wait(approvers: Role) -> None:
    instance = waiting(
        approvers, NotifyApprovers=True, NotifyEmailSubject="Look at $(cn)", NotifyEmailMessage="<b>$(cn)</b>"
    )
    assert mails() == [("Look at a&b", f"{name}@keyexample.com") for name in ("ada", "bob")]
    link = f'<p><a href="{review_url(instance.guid)}">Review the request</a></p>'
    assert {each.html for each in Notification.objects.all()} == {f"<b>a&amp;b</b>{link}"}


def test_without_the_wish_nobody_is_told_and_nothing_is_due(approvers: Role) -> None:
    assert waiting(approvers).ready_at is None
    assert mails() == []


def test_a_reminder_comes_once(approvers: Role) -> None:
    instance = waiting(approvers, ReminderHours=4)
    assert after(instance, 3).ready_at is not None
    assert mails() == []
    instance = after(instance, 5)
    assert (instance.status, instance.ready_at) == (InstanceStatus.Suspended, None)
    assert [subject for subject, _ in mails()] == ["Reminder: Your approval is awaited"] * 2


def test_a_deadline_denies(approvers: Role) -> None:
    instance = waiting(
        approvers,
        ReminderHours=4,
        DeadlineHours=8,
        DenialEmailSubject="Denied",
        DenialEmailMessage="x",
        DenialEmailRecipients=["who@keyexample.com"],
    )
    instance = after(instance, 5)
    assert (instance.status, len(mails())) == (InstanceStatus.Suspended, 2)
    instance = after(instance, 9)
    assert instance.status == InstanceStatus.Rejected
    assert instance.status_message == "Denied automatically: nobody decided within 8 hour(s)."
    assert mails()[2:] == [("Denied", "who@keyexample.com")]
    assert not instance.pending_signals.exists()


def test_a_deadline_asks_the_escalation_role_as_well(approvers: Role, bosses: Role) -> None:
    instance = waiting(approvers, DeadlineHours=8, OnDeadline="Escalate", EscalationRole="bosses")
    instance = after(instance, 9)
    assert (instance.status, instance.ready_at) == (InstanceStatus.Suspended, None)
    assert mails() == [("Escalated: Your approval is awaited", "eve@keyexample.com")]
    assert answer(instance, "eve").status == InstanceStatus.Complete


def test_one_of_two_approvals_stops_no_clock(approvers: Role, bosses: Role) -> None:
    instance = waiting(
        approvers, MinimumApprovals=2, DeadlineHours=8, OnDeadline="Escalate", EscalationRole="Bosses"
    )
    due = instance.ready_at
    instance = answer(instance, "ada")
    assert (instance.status, instance.ready_at) == (InstanceStatus.Suspended, due)
    instance = after(instance, 9)
    assert instance.status_message == "Awaiting 1 more approval(s) from approval roles."
    assert answer(instance, "eve").status == InstanceStatus.Complete


def test_an_approval_before_the_deadline_ends_the_wait(approvers: Role) -> None:
    assert answer(waiting(approvers, DeadlineHours=8), "ada").status == InstanceStatus.Complete


def test_after_the_escalation_one_approval_of_two_waits_on(approvers: Role, bosses: Role) -> None:
    instance = waiting(
        approvers, MinimumApprovals=2, DeadlineHours=8, OnDeadline="Escalate", EscalationRole="Bosses"
    )
    instance = answer(after(instance, 9), "eve")
    assert (instance.status, instance.ready_at) == (InstanceStatus.Suspended, None)
    assert len(mails()) == 1


def test_an_escalation_role_that_is_gone_fails_the_step(approvers: Role, bosses: Role) -> None:
    instance = waiting(approvers, DeadlineHours=8, OnDeadline="Escalate", EscalationRole="Bosses")
    bosses.delete()
    instance = after(instance, 9)
    assert instance.status == InstanceStatus.Failed
    assert "there is no escalation role 'Bosses'" in instance.status_message


@pytest.mark.parametrize(
    ("parameters", "problem"),
    [
        ({"DeadlineHours": 4, "ReminderHours": 4}, "ReminderHours below DeadlineHours"),
        ({"DeadlineHours": 4, "OnDeadline": "Escalate"}, "needs EscalationRole"),
        ({"EscalationRole": "Nobody"}, "'Nobody', which does not exist"),
        ({"DeadlineHours": 9000}, "at most 8760"),
        ({"OnDeadline": "Wait"}, "one of Deny, Escalate"),
    ],
)
def test_what_cannot_work_is_refused_when_saved(
    approvers: Role, parameters: dict[str, Any], problem: str
) -> None:
    steps = builders.chain(builders.approval(NAME, roles=[approvers], **parameters))
    with pytest.raises(InvalidDefinition, match=problem):
        documents.prepare(WorkflowType.Expiration, steps)
