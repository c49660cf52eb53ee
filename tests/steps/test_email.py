from __future__ import annotations

import pytest

from tests import builders
from tests.steps.running import problems_of, run_step
from workflows.models import Instance, Notification, NotificationStatus
from workflows.vocabulary.statuses import InstanceStatus

pytestmark = pytest.mark.django_db

MAIL = {"Subject": "A certificate", "Message": "<p>Look.</p>", "Recipients": ["team@keyexample.com"]}


def mails_of(instance: Instance) -> list[Notification]:
    return list(Notification.objects.filter(instance=instance).order_by("id"))


def test_a_mail_is_queued_for_each_recipient() -> None:
    recipients = ["team@keyexample.com", "Boss <boss@keyexample.com>; second@keyexample.com", "$(others)"]
    data = {"others": ["third@keyexample.com", "team@keyexample.com"]}
    instance = run_step("Email", {**MAIL, "Recipients": recipients}, data)
    assert instance.status == InstanceStatus.Complete
    assert [mail.recipients for mail in mails_of(instance)] == [
        ["team@keyexample.com"],
        ["boss@keyexample.com"],
        ["second@keyexample.com"],
        ["third@keyexample.com"],
    ]
    assert {mail.status for mail in mails_of(instance)} == {NotificationStatus.Queued}
    assert {(mail.subject, mail.html) for mail in mails_of(instance)} == {("A certificate", "<p>Look.</p>")}


def test_tokens_are_escaped_in_html_and_not_in_the_subject() -> None:
    texts = {"Subject": "About $(cn)", "Message": "<b>$(cn)</b>"}
    instance = run_step("Email", {**MAIL, **texts}, {"cn": "<script>&"})
    mail = mails_of(instance)[0]
    assert mail.subject == "About <script>&"
    assert mail.html == "<b>&lt;script&gt;&amp;</b>"


@pytest.mark.parametrize("parameter", ["Subject", "Recipients"])
def test_a_value_cannot_begin_another_header(parameter: str) -> None:
    given = "x $(evil)" if parameter == "Subject" else ["$(evil)"]
    instance = run_step("Email", {**MAIL, parameter: given}, {"evil": "a@b.example\r\nBcc: c@d.example"})
    assert instance.status == InstanceStatus.Failed
    assert "$(evil)" in instance.status_message
    assert mails_of(instance) == []


def test_a_role_stands_for_its_people() -> None:
    builders.role(
        "Approvers", builders.user("ann", email="ann@keyexample.com"), builders.user("bob"), permissions=[]
    )
    instance = run_step("Email", {**MAIL, "Recipients": ["role:approvers"]})
    assert [mail.recipients for mail in mails_of(instance)] == [["ann@keyexample.com"]]


def test_a_recipient_that_turns_out_bad_does_not_stop_the_workflow() -> None:
    instance = run_step("Email", {**MAIL, "Recipients": ["team@keyexample.com", "$(who)"]}, {"who": "nobody"})
    assert instance.status == InstanceStatus.Complete
    good, bad = mails_of(instance)
    assert good.status == NotificationStatus.Queued
    assert (bad.status, bad.recipients) == (NotificationStatus.Failed, ["nobody"])
    assert "'nobody'" in bad.error


@pytest.mark.parametrize(
    ("recipient", "problem"),
    [
        ("nobody", "'nobody' is not a mail address"),
        ("a@b@c.example", "'a@b@c.example' is not a mail address"),
        ("role:No such role", "'role:No such role' names no role"),
        ("a@b.example\nBcc: x", "one line"),
    ],
)
def test_a_written_out_recipient_that_gets_no_mail_is_refused_when_saved(
    recipient: str, problem: str
) -> None:
    assert problem in problems_of("Email", {**MAIL, "Recipients": [recipient]})


@pytest.mark.parametrize("missing", ["Subject", "Message", "Recipients"])
def test_every_part_is_needed(missing: str) -> None:
    assert missing in problems_of("Email", {name: MAIL[name] for name in MAIL if name != missing})
