"""Mails to approvers, reminder, deadline and escalation of approvals."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest
from django.db.models import F
from django.utils import timezone

from tests import builders
from tests import world as scenery
from tests.steps.running import NAME
from tests.world import World
from workflows.actions import approvals
from workflows.engine import documents
from workflows.errors import InvalidDefinition
from workflows.models import (
    Certificate,
    CertificateRequest,
    Instance,
    InstanceRecord,
    Notification,
    NotificationStatus,
    Role,
    StepRun,
    User,
)
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
        builders.publish(builders.chain(builders.approval(NAME, roles=[role], **parameters))),
        {"cn": "a&b", "who": "who@keyexample.com"},
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


def answer(
    instance: Instance, name: str, *, approved: bool = True, comment: str = "", step: str = NAME
) -> Instance:
    actor = builders.actor(User.objects.get(username=name))
    given = {"Approved": approved, "Comment": comment}
    approvals.signal(instance.guid, f"{step}.ApprovalStatus", given, actor=actor)
    builders.run_until_quiet()
    return builders.reload(instance)


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


class TestRoleTokens:
    """Roles that only a run names, by every kind of token."""

    def waiting_for(
        self,
        token: str,
        data: Mapping[str, Any],
        workflow_type: WorkflowType = WorkflowType.Expiration,
        **facts: Any,
    ) -> Instance:
        signal = {"SignalName": "ApprovalStatus", "RoleTokens": [token]}
        asked = builders.step("RequireApproval", NAME, Signals=[signal])
        return builders.run(builders.publish(builders.chain(asked), workflow_type), data, **facts)

    @pytest.mark.parametrize(
        ("token", "data"),
        [
            ("$(team)", {"team": "approvers"}),
            ("$(answer.owner.team)", {"answer": '{"owner": {"team": " Approvers "}}'}),
            ("$(kind)s", {"kind": "Approver"}),
        ],
    )
    def test_data_names_the_role(self, approvers: Role, token: str, data: dict[str, Any]) -> None:
        instance = self.waiting_for(token, data)
        assert instance.status == InstanceStatus.Suspended, instance.status_message
        assert answer(instance, "ada").status == InstanceStatus.Complete

    def test_an_id_names_the_role(self, approvers: Role) -> None:
        assert self.waiting_for("$(id)", {"id": approvers.pk}).status == InstanceStatus.Suspended

    def test_metadata_of_the_certificate_names_it(self, world: World) -> None:
        scenery.enroll(world)
        certificate = Certificate.objects.latest("pk")
        certificate.metadata = {"Team": "Approvers"}
        certificate.save()
        instance = self.waiting_for("$(metadata:Team)", {"CertificateId": certificate.pk})
        assert instance.status == InstanceStatus.Suspended, instance.status_message
        assert answer(instance, "approver").status == InstanceStatus.Complete

    @pytest.mark.parametrize(
        ("token", "name"),
        [
            ("$(CA)", "CertificateAuthority"),
            ("$(requester)", "InitiatingUserName"),
            ("$(dn)", "Subject"),
            ("CN=$(cn)", "Subject"),
        ],
    )
    def test_every_token_of_an_enrollment_names_one(self, world: World, token: str, name: str) -> None:
        data = scenery.enroll(world).instance.data
        builders.role(data[name], world.approver)
        instance = self.waiting_for(
            token, data, WorkflowType.Enrollment, request_id=CertificateRequest.objects.get().pk
        )
        assert instance.status == InstanceStatus.Suspended, instance.status_message
        assert instance.pending_signals.get().role.name == data[name]

    @pytest.mark.parametrize("data", [{"team": "Nobody"}, {"team": ""}, {"team": "²"}, {}])
    def test_what_names_no_role_fails_the_step(self, approvers: Role, data: dict[str, Any]) -> None:
        instance = self.waiting_for("$(team)", data)
        assert instance.status == InstanceStatus.Failed
        assert "which is no role" in instance.status_message or "has no value" in instance.status_message


@pytest.mark.parametrize(
    ("parameters", "problem"),
    [
        ({"DeadlineHours": 4, "ReminderHours": 4}, "ReminderHours below DeadlineHours"),
        ({"DeadlineHours": 4, "OnDeadline": "Escalate"}, "needs EscalationRole"),
        ({"EscalationRole": "Nobody"}, "'Nobody', which does not exist; name one"),
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
