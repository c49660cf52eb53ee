"""From the mail that tells an approver to his decision, through a real mail server."""

from __future__ import annotations

import re
from collections.abc import Iterator
from email import message_from_bytes, policy
from urllib.parse import urlencode, urlsplit

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from tests import builders
from tests import world as scenery
from tests.connectors.smtp_server import MailSite
from tests.portal.conftest import Visitors
from tests.world import World
from workflows.models import CertificateTemplate, Instance, SignalDecision
from workflows.notifications import send_due
from workflows.vocabulary.statuses import InstanceStatus
from workflows.vocabulary.workflow_types import WorkflowType


@pytest.fixture
def site(settings: Settings) -> Iterator[MailSite]:
    with MailSite().running() as running:
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", running.port
        settings.PUBLIC_URL = "https://pki.keyexample.com"
        yield running


@pytest.fixture
def waiting(world: World, site: MailSite) -> Instance:
    step = builders.approval(roles=[world.approvers], NotifyApprovers=True)
    key = str(CertificateTemplate.objects.get(common_name="WebServer").pk)
    builders.publish(builders.chain(step), WorkflowType.Enrollment, keys=[key])
    instance = scenery.enroll(world).instance
    send_due(timezone.now())
    return instance


def links_of(site: MailSite) -> set[str]:
    """The addresses in all mails, in the HTML as in the plain text."""
    found = set()
    for mail in site.mails:
        parsed = message_from_bytes(mail.data, policy=policy.default)
        for kind in ("html", "plain"):
            part = parsed.get_body((kind,))
            assert part is not None
            found |= set(re.findall(r"https?://[^\s\"<>)]+", part.get_content()))
    return found


def test_each_approver_gets_the_address_of_the_page(site: MailSite, waiting: Instance) -> None:
    people = {address for mail in site.mails for address in mail.recipients}
    assert people == {"approver@keyexample.com", "second_approver@keyexample.com"}
    assert links_of(site) == {f"https://pki.keyexample.com/workflow/my/{waiting.guid}"}


def test_it_leads_through_the_log_in_to_the_form(visit: Visitors, site: MailSite, waiting: Instance) -> None:
    path = urlsplit(links_of(site).pop()).path
    answer = Client().get(path)
    assert answer.headers["Location"] == f"/login?{urlencode({'next': path})}"
    page = visit("approver").get(path).content.decode()
    assert "Your decision" in page
    assert visit("stranger").get(path).status_code == 403


def test_following_it_decides_nothing(visit: Visitors, site: MailSite, waiting: Instance) -> None:
    link = links_of(site).pop()
    path = urlsplit(link).path
    key = "SignalKey=RequireApproval1.ApprovalStatus"
    for query in ("", f"?{key}&Approved=True", f"?{key}&Approved=False&Comment=x"):
        assert visit("approver").get(path + query).status_code == 200
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = visit("approver").cookies
    assert strict.post(path, {"SignalKey": key.partition("=")[2], "Approved": "True"}).status_code == 403
    assert not SignalDecision.objects.exists()
    assert builders.reload(waiting).status == InstanceStatus.Suspended
