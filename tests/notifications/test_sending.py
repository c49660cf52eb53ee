from __future__ import annotations

import socket
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage

import pytest
from django.db import connection
from pytest_django import Settings

from tests.connectors.smtp_server import Mail, MailSite
from workflows.connectors.addresses import OutboundPolicy
from workflows.models import Notification, NotificationStatus
from workflows.notifications import notify, send_due
from workflows.notifications.sending import ATTEMPTS, DELAYS

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 22, 10, tzinfo=UTC)


def queued(*recipients: str, html: str = "<p>Please <b>look</b></p>") -> None:
    notify(recipients or ["ann@keyexample.com"], "A request waits", html, instance_id=None, now=NOW)


def only() -> Notification:
    return Notification.objects.get()


def parsed(mail: Mail) -> EmailMessage:
    message = message_from_bytes(mail.data, policy=policy.default)
    assert isinstance(message, EmailMessage)
    return message


def unused_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def test_what_is_due_is_sent_once(site: MailSite) -> None:
    queued("ann@keyexample.com", "bob@keyexample.com")
    assert send_due(NOW) == 2
    assert send_due(NOW + timedelta(days=1)) == 0
    assert [mail.recipients for mail in site.mails] == [["ann@keyexample.com"], ["bob@keyexample.com"]]
    for row in Notification.objects.all():
        assert (row.status, row.attempts, row.error) == (NotificationStatus.Sent, 1, "")
        assert row.sent_at is not None


def test_a_mail_has_html_and_text_and_is_marked_as_automatic(site: MailSite, settings: Settings) -> None:
    settings.DEFAULT_FROM_EMAIL = "Countersign <robot@keyexample.com>"
    queued()
    send_due(NOW)
    mail = parsed(site.mails[0])
    assert site.mails[0].sender == "robot@keyexample.com"
    assert mail["From"] == "Countersign <robot@keyexample.com>"
    assert mail["Subject"] == "A request waits"
    assert mail["Auto-Submitted"] == "auto-generated"
    text, html = mail.get_body(["plain"]), mail.get_body(["html"])
    assert text is not None
    assert text.get_content().strip() == "Please look"
    assert html is not None
    assert html.get_content().strip() == "<p>Please <b>look</b></p>"


def test_what_is_not_due_yet_waits(site: MailSite) -> None:
    queued()
    assert send_due(NOW - timedelta(seconds=1)) == 0
    assert only().status == NotificationStatus.Queued


def test_without_a_mail_server_mails_are_kept(settings: Settings) -> None:
    settings.EMAIL_HOST = ""
    queued()
    assert send_due(NOW) == 0
    assert only().status == NotificationStatus.Kept


def test_a_refusal_for_now_is_tried_again_later(site: MailSite) -> None:
    queued()
    site.replies["RCPT"] = "451 try again later"
    assert send_due(NOW) == 1
    assert (only().status, only().attempts) == (NotificationStatus.Queued, 1)
    assert "451 try again later" in only().error
    assert send_due(NOW + DELAYS[0] / 2) == 0
    site.replies.clear()
    assert send_due(only().due_at) == 1
    assert (only().status, only().attempts, only().error) == (NotificationStatus.Sent, 2, "")


def test_a_refusal_for_good_is_not_repeated(site: MailSite) -> None:
    queued()
    site.replies["RCPT"] = "550 no such mailbox"
    assert send_due(NOW) == 1
    assert (only().status, only().attempts) == (NotificationStatus.Failed, 1)
    assert "550 no such mailbox" in only().error


def test_one_bad_mailbox_concerns_nobody_else(site: MailSite) -> None:
    queued("ann@keyexample.com", "no mailbox", "bob@keyexample.com")
    assert send_due(NOW) == 2
    assert [mail.recipients for mail in site.mails] == [["ann@keyexample.com"], ["bob@keyexample.com"]]


def test_a_dead_server_is_given_up_after_some_attempts(settings: Settings) -> None:
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", unused_port()
    queued()
    for attempt in range(1, ATTEMPTS + 1):
        assert only().status == NotificationStatus.Queued
        assert send_due(only().due_at) == 1
        assert only().attempts == attempt
    assert only().status == NotificationStatus.Failed
    assert "connection refused" in only().error


def test_a_copy_after_a_crash_has_the_same_message_id(site: MailSite) -> None:
    """The worker died after the server had taken the mail and before it could be noted."""
    queued()
    send_due(NOW)
    Notification.objects.update(status=NotificationStatus.Queued)
    assert send_due(only().due_at) == 1
    assert len({parsed(mail)["Message-ID"] for mail in site.mails}) == 1


def test_a_mail_that_its_workers_never_survive_ends(site: MailSite) -> None:
    queued()
    Notification.objects.update(attempts=ATTEMPTS)
    assert send_due(NOW) == 0
    assert only().status == NotificationStatus.Failed
    assert "stopped" in only().error


def test_a_wrong_sender_fails_the_mail_and_not_the_sender(site: MailSite, settings: Settings) -> None:
    settings.DEFAULT_FROM_EMAIL = "nobody"
    queued()
    assert send_due(NOW) == 1
    assert only().status == NotificationStatus.Failed
    assert "'nobody'" in only().error


def test_the_mail_server_may_be_private_and_nothing_else(site: MailSite, settings: Settings) -> None:
    settings.OUTBOUND_POLICY = OutboundPolicy.of()
    queued()
    send_due(NOW)
    assert only().status == NotificationStatus.Sent


def test_a_login_is_sent_and_its_password_never_told(settings: Settings) -> None:
    with MailSite(logins={b"robot": b"right"}).running(auth_require_tls=False) as site:
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", site.port
        settings.EMAIL_HOST_USER, settings.EMAIL_HOST_PASSWORD = "robot", "wrong-password"
        queued()
        send_due(NOW)
        assert only().status == NotificationStatus.Failed
        assert "wrong-password" not in only().error
        Notification.objects.update(status=NotificationStatus.Queued)
        settings.EMAIL_HOST_PASSWORD = "right"
        send_due(only().due_at)
    assert only().status == NotificationStatus.Sent
    assert site.mails[0].login == b"robot"


@pytest.mark.django_db(transaction=True)
def test_a_mail_in_other_hands_is_left_alone(site: MailSite) -> None:
    queued("ann@keyexample.com", "bob@keyexample.com")
    other = connection.copy()
    other.set_autocommit(False)
    try:
        other.cursor().execute("SELECT id FROM workflows_notification ORDER BY id LIMIT 1 FOR UPDATE")
        assert send_due(NOW) == 1
        assert [mail.recipients for mail in site.mails] == [["bob@keyexample.com"]]
    finally:
        other.rollback()
        other.close()
    assert send_due(NOW) == 1
    assert site.mails[1].recipients == ["ann@keyexample.com"]
