"""A request whose names are markup, run from right to left or hold emoji, on every page that shows it."""

from __future__ import annotations

from collections.abc import Iterator
from email import message_from_bytes, policy
from typing import TYPE_CHECKING

import pytest
from django.urls import reverse
from django.utils import timezone
from django.utils.html import escape

from tests import builders
from tests import world as scenery
from tests.connectors.smtp_server import MailSite
from tests.portal.conftest import Visitors
from tests.portal.test_review import decide
from workflows.models import Certificate, CertificateTemplate, Instance, InstanceRecord, User
from workflows.notifications import send_due
from workflows.vocabulary.workflow_types import WorkflowType

if TYPE_CHECKING:
    from pytest_django import Settings

    from tests.world import World

NAME = "<script>alert(1)</script> 🦄 שלום القاضي"
SHOWN = escape(NAME)
CSR = scenery.csr(NAME, dns=["a.keyexample.com"])


@pytest.fixture
def site(settings: Settings) -> Iterator[MailSite]:
    with MailSite().running() as running:
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", running.port
        yield running


@pytest.fixture
def waiting(world: World) -> Instance:
    step = builders.approval(roles=[world.approvers], NotifyApprovers=True)
    key = str(CertificateTemplate.objects.get(common_name="CodeSigning").pk)
    builders.publish(builders.chain(step), WorkflowType.Enrollment, keys=[key])
    return scenery.enroll(world, template="CodeSigning", csr=CSR).instance


def assert_shown(visit: Visitors, pages: dict[str, str]) -> None:
    """Each address, with who opens it, shows the name as text, wherever its lines may break."""
    answers = {
        address: visit(person).get(address).text.replace("<wbr>", "") for address, person in pages.items()
    }
    assert {address: NAME in text for address, text in answers.items() if NAME in text} == {}
    assert {address for address, text in answers.items() if SHOWN not in text} == set()


def test_while_it_waits(visit: Visitors, waiting: Instance) -> None:
    checked = {"template": "CodeSigning", "csr": CSR, "check": "1"}
    read = visit("requester").post("/enroll/csr", checked).text.replace("<wbr>", "")
    assert SHOWN in read
    assert NAME not in read
    here = f"/workflow/instances/{waiting.guid}"
    assert_shown(
        visit,
        {
            f"/enroll/{waiting.guid}": "requester",
            "/workflow/my?tab=created": "requester",
            "/workflow/my": "approver",
            f"/workflow/my/{waiting.guid}": "approver",
            f"/workflow/my/{waiting.guid}/lint": "approver",
            "/workflow/instances": "operator",
            here: "operator",
            f"{here}/stop": "operator",
            f"{here}/restart": "operator",
            f"/search?q={waiting.pk}": "operator",
        },
    )


def test_when_it_is_issued(visit: Visitors, waiting: Instance) -> None:
    decide(visit("approver"), waiting, Approved="True")
    builders.run_until_quiet()
    certificate = Certificate.objects.get()
    assert_shown(
        visit,
        {
            "/certificates": "operator",
            f"/certificates/{certificate.pk}": "operator",
            reverse("portal:certificate_revoke", args=[certificate.pk]): "operator",
            f"/workflow/instances/{waiting.guid}": "operator",
        },
    )


def test_in_the_mail_to_the_approvers(site: MailSite, waiting: Instance) -> None:
    send_due(timezone.now())
    assert site.mails
    for mail in site.mails:
        body = message_from_bytes(mail.data, policy=policy.default).get_body(("html",))
        assert body is not None
        assert NAME not in body.get_content()
        assert "<script" not in body.get_content()


def test_a_title_of_4000_characters(visit: Visitors, waiting: Instance) -> None:
    """It is whole where it is read, and short where it would push everything else away."""
    title = "שלום🦄<b>" * 500
    InstanceRecord.objects.filter(pk=waiting.pk).update(title=title)
    pages = {
        "/workflow/my": "approver",
        f"/workflow/my/{waiting.guid}": "approver",
        "/workflow/instances": "operator",
        f"/workflow/instances/{waiting.guid}": "operator",
    }
    for address, person in pages.items():
        page = visit(person).get(address).text
        assert "🦄<b>" not in page
        assert escape(title) in page
        assert len(page.partition("</title>")[0]) < 2000


@pytest.mark.parametrize("page", ["", "/definition", "/stop"])
def test_moments_are_those_of_the_reader(visit: Visitors, waiting: Instance, page: str) -> None:
    User.objects.filter(username__in=["operator", "approver"]).update(time_zone="Asia/Tokyo")
    for person, address in (
        ("operator", f"/workflow/instances/{waiting.guid}{page}"),
        ("approver", f"/workflow/my/{waiting.guid}"),
        ("approver", "/workflow/my"),
    ):
        text = visit(person).get(address).text
        assert ' UTC">' not in text
        assert 'JST">' in text or "<time" not in text
