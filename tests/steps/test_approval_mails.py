"""Mails about approvals: who is asked and reminded, and who is told how it ended."""

from __future__ import annotations

from typing import Any

import pytest

from tests import builders
from tests.steps.approving import after, answer, mails, waiting
from tests.steps.running import NAME
from workflows.engine import documents
from workflows.errors import InvalidDefinition
from workflows.models import (
    Instance,
    InstanceRecord,
    Notification,
    NotificationStatus,
    Role,
    User,
)
from workflows.notifications import review_url
from workflows.vocabulary.statuses import InstanceStatus
from workflows.vocabulary.workflow_types import WorkflowType

pytestmark = pytest.mark.django_db


def test_approvers_are_told_when_it_begins_to_wait(approvers: Role) -> None:
    instance = waiting(
        approvers, NotifyApprovers=True, NotifyEmailSubject="Look at $(cn)", NotifyEmailMessage="<b>$(cn)</b>"
    )
    assert mails() == [("Look at a&b", f"{name}@keyexample.com") for name in ("ada", "bob")]
    link = f'<p><a href="{review_url(instance.guid)}">Review the request</a></p>'
    assert {each.html for each in Notification.objects.all()} == {f"<b>a&amp;b</b>{link}"}


class TestWhoIsAskedByMail:
    """Nobody whose answer would be refused, and nobody who has answered."""

    def ask(self, *roles: Role, by: str, restarter: str = "", **parameters: Any) -> Instance:
        step = builders.approval(NAME, roles=roles, NotifyApprovers=True, **parameters)
        people = {person.username: person.pk for person in User.objects.all()}
        instance = builders.start(builders.publish(builders.chain(step)), initiator_id=people[by])
        InstanceRecord.objects.filter(pk=instance.pk).update(restarted_by=people.get(restarter))
        builders.run_until_quiet()
        return builders.reload(instance)

    def addresses(self) -> list[str]:
        return [address.partition("@")[0] for _, address in mails()]

    def test_not_who_asks_nor_who_restarted(self, approvers: Role, bosses: Role) -> None:
        bosses.members.add(User.objects.get(username="bob"))
        self.ask(approvers, bosses, by="ada", restarter="eve")
        assert self.addresses() == ["bob"]

    def test_who_asks_where_he_may_answer(self, approvers: Role) -> None:
        self.ask(approvers, by="ada", AllowSelfApproval=True)
        assert self.addresses() == ["ada", "bob"]

    def test_no_service_account(self, approvers: Role, bosses: Role) -> None:
        approvers.members.add(builders.user("robot", email="robot@keyexample.com", is_service=True))
        self.ask(approvers, by="eve")
        assert self.addresses() == ["ada", "bob"]

    def test_nobody_else_is_a_failed_mail(self, bosses: Role) -> None:
        self.ask(bosses, by="eve")
        assert (
            Notification.objects.get().error == "Nobody of the role 'Bosses' who may answer has an address."
        )

    def test_the_reminder_goes_to_those_who_have_not_answered(self, approvers: Role, bosses: Role) -> None:
        instance = self.ask(approvers, bosses, by="bob", MinimumApprovals=2, ReminderHours=1)
        Notification.objects.all().delete()
        after(answer(instance, "ada"), 2)
        assert self.addresses() == ["eve"]

    def test_the_escalation_goes_to_those_who_have_not_answered(self, approvers: Role, bosses: Role) -> None:
        bosses.members.add(*approvers.members.all())
        deadline = {"DeadlineHours": 1, "OnDeadline": "Escalate", "EscalationRole": "Bosses"}
        instance = self.ask(approvers, by="bob", MinimumApprovals=2, **deadline)
        Notification.objects.all().delete()
        after(answer(instance, "ada"), 2)
        assert self.addresses() == ["eve"]

    def test_a_role_of_any_name(self) -> None:
        odd = builders.role("PKI; Web", builders.user("ben", email="ben@keyexample.com"))
        builders.user("ada")
        self.ask(odd, by="ada")
        assert self.addresses() == ["ben"]


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


class TestOutcomeMails:
    APPROVAL = {
        "ApprovalEmailSubject": "Granted: $(cn)",
        "ApprovalEmailMessage": "<p>$(cn): $(approvalsignalcmnts)</p>",
        "ApprovalEmailRecipients": ["$(who)", "role:Bosses"],
    }
    DENIAL = {
        "DenialEmailSubject": "Denied",
        "DenialEmailMessage": "<p>$(approvalsignalcmnts)</p>",
        "DenialEmailRecipients": ["who@keyexample.com"],
    }

    def test_an_approval_is_told_once_with_all_comments(self, approvers: Role, bosses: Role) -> None:
        instance = waiting(approvers, MinimumApprovals=2, **self.APPROVAL, **self.DENIAL)
        answer(instance, "ada", comment="Fine <here>.")
        assert mails() == []
        assert answer(instance, "bob", comment="And here.").status == InstanceStatus.Complete
        assert mails() == [
            ("Granted: a&b", "who@keyexample.com"),
            ("Granted: a&b", "eve@keyexample.com"),
        ]
        html = "<p>a&amp;b: Fine &lt;here&gt;.\nAnd here.</p>"
        assert {each.html for each in Notification.objects.all()} == {html}

    def test_a_denial_is_told_with_its_comment(self, approvers: Role) -> None:
        instance = answer(waiting(approvers, **self.DENIAL), "ada", approved=False, comment="No.")
        assert instance.status == InstanceStatus.Rejected
        assert Notification.objects.get().html == "<p>No.</p>"

    def test_an_automatic_denial_has_no_comment(self, approvers: Role) -> None:
        instance = after(waiting(approvers, DeadlineHours=8, **self.DENIAL), 9)
        assert instance.status == InstanceStatus.Rejected
        assert [(each.subject, each.html) for each in Notification.objects.all()] == [("Denied", "<p></p>")]

    def test_comments_of_an_earlier_approval_are_not_those_of_this_one(self, approvers: Role) -> None:
        steps = [
            builders.approval("First", roles=[approvers]),
            builders.approval(NAME, roles=[approvers], DeadlineHours=8, **self.DENIAL),
        ]
        instance = builders.run(builders.publish(builders.chain(*steps)))
        answer(instance, "ada", comment="Yes!", step="First")
        assert after(instance, 9).status == InstanceStatus.Rejected
        assert Notification.objects.get().html == "<p></p>"

    def test_without_a_subject_it_has_ours(self, approvers: Role) -> None:
        for given in ({}, {"ApprovalEmailSubject": ""}):
            texts = {"ApprovalEmailMessage": "x", "ApprovalEmailRecipients": ["who@keyexample.com"], **given}
            answer(waiting(approvers, **texts), "ada")
        assert mails() == [("A request was approved", "who@keyexample.com")] * 2

    @pytest.mark.parametrize(
        "broken",
        [
            {"DenialEmailMessage": "$(nothing)"},
            {"DenialEmailSubject": "$(nothing)"},
            {"DenialEmailRecipients": ["$(nothing)"]},
        ],
    )
    @pytest.mark.parametrize("is_late", [True, False])
    def test_a_mail_that_cannot_be_written_decides_nothing(
        self, approvers: Role, broken: dict[str, Any], is_late: bool
    ) -> None:
        instance = waiting(approvers, DeadlineHours=8, **{**self.DENIAL, **broken})
        instance = after(instance, 9) if is_late else answer(instance, "ada", approved=False)
        assert instance.status == InstanceStatus.Rejected
        unwritten = Notification.objects.get()
        assert unwritten.status == NotificationStatus.Failed
        assert unwritten.error == "The token $(nothing) has no value."
        assert unwritten.recipients == {**self.DENIAL, **broken}["DenialEmailRecipients"]

    @pytest.mark.parametrize("recipient", ["nobody", "role:Nobody", "a@b@c.example"])
    @pytest.mark.parametrize("kind", ["Approval", "Denial"])
    def test_who_gets_no_mail_is_refused_when_saved(self, approvers: Role, kind: str, recipient: str) -> None:
        steps = builders.chain(
            builders.approval(NAME, roles=[approvers], **{f"{kind}EmailRecipients": ["$(cn)", recipient]})
        )
        with pytest.raises(
            InvalidDefinition, match=f"would reach nobody by {kind}EmailRecipients: '{recipient}'"
        ):
            documents.prepare(WorkflowType.Expiration, steps)


def test_a_reminder_that_cannot_be_written_leaves_the_wait_as_it_is(approvers: Role) -> None:
    instance = waiting(
        approvers, NotifyApprovers=True, ReminderHours=4, DeadlineHours=8, NotifyEmailMessage="$(nothing)"
    )
    instance = after(instance, 5)
    assert instance.status == InstanceStatus.Suspended
    assert instance.ready_at is not None
    assert [each.status for each in Notification.objects.all()] == [NotificationStatus.Failed] * 2
    assert answer(instance, "ada").status == InstanceStatus.Complete
