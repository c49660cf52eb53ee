"""Approvals that nobody gives in time: denied, or asked of others as well."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import timezone

from tests import builders
from tests.steps.approving import after, answer, mails, waiting
from tests.steps.running import NAME
from workflows.errors import SignalForbidden
from workflows.models import (
    Instance,
    Role,
    StepRun,
)
from workflows.vocabulary.statuses import InstanceStatus

pytestmark = pytest.mark.django_db


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


def test_nobody_of_the_escalation_role_decides_his_own(approvers: Role, bosses: Role) -> None:
    eve = bosses.members.get()
    bosses.members.add(builders.user("max", email="max@keyexample.com"))
    deadline = {"DeadlineHours": 8, "OnDeadline": "Escalate", "EscalationRole": "Bosses"}
    instance = after(waiting(approvers, initiator=eve, **deadline), 9)
    assert mails() == [("Escalated: Your approval is awaited", "max@keyexample.com")]
    with pytest.raises(SignalForbidden, match="of his own"):
        answer(instance, "eve")
    assert answer(instance, "max").status == InstanceStatus.Complete


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


class TestNobodyToEscalateTo:
    """The role is renamed, deleted or disabled, or its token has no value: an approval given is not lost."""

    @pytest.fixture
    def half(self, approvers: Role, bosses: Role) -> Instance:
        instance = waiting(
            approvers, MinimumApprovals=2, DeadlineHours=8, OnDeadline="Escalate", EscalationRole="Bosses"
        )
        return answer(instance, "ada")

    @pytest.mark.parametrize(
        ("values", "why"),
        [
            ({"name": "Chiefs"}, "the escalation role 'Bosses' does not exist"),
            ({"enabled": False}, "the escalation role 'Bosses' is disabled"),
        ],
    )
    def test_it_waits_on_and_says_why(
        self, half: Instance, bosses: Role, values: dict[str, Any], why: str
    ) -> None:
        Role.objects.filter(pk=bosses.pk).update(**values)
        instance = after(half, 9)
        told = (
            f"Awaiting 1 more approval(s) from approval roles. Nobody else is asked at the deadline: {why}."
        )
        assert (instance.status, instance.status_message) == (InstanceStatus.Suspended, told)
        assert StepRun.objects.get(instance=instance, step_name=NAME).message == told
        assert answer(instance, "bob").status == InstanceStatus.Complete

    def test_who_is_found_later_is_asked_then(self, half: Instance, bosses: Role) -> None:
        Role.objects.filter(pk=bosses.pk).update(enabled=False)
        instance = after(half, 9)
        Role.objects.filter(pk=bosses.pk).update(enabled=True)
        assert instance.ready_at is not None
        Instance.objects.filter(pk=instance.pk).update(ready_at=timezone.now())
        builders.run_until_quiet()
        instance = builders.reload(instance)
        assert instance.status_message == "Awaiting 1 more approval(s) from approval roles."
        assert answer(instance, "eve").status == InstanceStatus.Complete

    def test_an_approval_after_the_deadline_is_counted(self, approvers: Role, bosses: Role) -> None:
        role = {"OnDeadline": "Escalate", "EscalationRole": "$(nothing)"}
        instance = after(waiting(approvers, MinimumApprovals=2, DeadlineHours=8, **role), 9)
        assert "The token $(nothing) has no value." in instance.status_message
        instance = answer(instance, "ada")
        assert "1 more approval(s)" in instance.status_message
        assert "The token $(nothing) has no value." in instance.status_message
        assert answer(instance, "bob").status == InstanceStatus.Complete


def test_roles_that_are_all_disabled_are_called_so(approvers: Role) -> None:
    version = builders.publish(builders.chain(builders.approval(NAME, roles=[approvers])))
    Role.objects.update(enabled=False)
    instance = builders.run(version)
    assert instance.status == InstanceStatus.Failed
    assert "its approval roles are disabled (Approvers); enable one of them" in instance.status_message
