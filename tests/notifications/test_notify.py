from __future__ import annotations

from collections.abc import Sequence

import pytest
from django.utils import timezone

from tests import builders
from workflows.models import Notification, NotificationStatus, Role
from workflows.notifications import notify

pytestmark = pytest.mark.django_db


def written(*recipients: str, subject: str = "A subject") -> list[tuple[Sequence[str], NotificationStatus]]:
    """Recipient and status of each row, in the order they were written."""
    notify(recipients, subject, "<p>text</p>", instance_id=None, now=timezone.now())
    rows = Notification.objects.order_by("id")
    return [(row.recipients, NotificationStatus(row.status)) for row in rows]


def test_each_person_gets_one_mail() -> None:
    assert written("a@b.example; Ann <ann@b.example>;", "A@B.example", "x@y.example") == [
        (["a@b.example"], NotificationStatus.Queued),
        (["ann@b.example"], NotificationStatus.Queued),
        (["x@y.example"], NotificationStatus.Queued),
    ]


def test_a_role_with_a_mailbox_gets_it_there() -> None:
    role = builders.role("Auditors", builders.user("ann", email="ann@b.example"))
    Role.objects.filter(pk=role.pk).update(email_address="auditors@b.example")
    assert written("role:auditors") == [(["auditors@b.example"], NotificationStatus.Queued)]


def test_else_its_active_members_that_have_an_address() -> None:
    builders.role(
        "Auditors",
        builders.user("ann", email="ann@b.example"),
        builders.user("bob"),
        builders.user("gone", email="gone@b.example", is_active=False),
    )
    assert written("Role: Auditors") == [(["ann@b.example"], NotificationStatus.Queued)]


@pytest.mark.parametrize("recipient", ["nobody", "a@b@c", "role:Nothing", "role:Empty", "x" * 400])
def test_a_bad_recipient_is_a_failed_row_that_says_why(recipient: str) -> None:
    builders.role("Empty")
    assert written(recipient, "a@b.example") == [
        ([recipient[:320]], NotificationStatus.Failed),
        (["a@b.example"], NotificationStatus.Queued),
    ]
    assert Notification.objects.get(status=NotificationStatus.Failed).error


def test_a_subject_is_one_line() -> None:
    written("a@b.example", subject=" two\r\nlines ")
    assert Notification.objects.get().subject == "two lines"
